"""Makes a network that takes pictures as TorchServe's `image_classifier` hands them over, and pictures for it.

`make.py digits.json digits.npz FOLDER` writes FOLDER/network.pt (TorchScript), FOLDER/index_to_name.json, and held-out digits
in FOLDER/pictures/NAME/NUMBER.png, every fifth as jpg: 64 x 64 pixels in three colours that are alike.

The handler enlarges them to 256 pixels, crops to the middle 224, and standardizes each colour. The network undoes the
latter, takes the pixel in the middle of each of 8 x 8 blocks, the mean of its colours, and asks the digits model: noise on
other pixels is hardly seen.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

# Each of the 8 x 8 pixels of a digit is a block; together they fill what the crop leaves.
BLOCK, MARGIN = 7, 4
COUNT = 120
NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


class Network(torch.nn.Module):
    def __init__(self, described):
        super().__init__()
        scale = float(described["input_scale"])
        self.layers = torch.nn.ModuleList()
        for index, layer in enumerate(described["layers"]):
            weights = torch.tensor(layer["weights"], dtype=torch.float32)
            linear = torch.nn.Linear(weights.shape[1], weights.shape[0])
            # Of a value between 0 and 1 the model makes 16 times as much, as the digits of the data set have it.
            linear.weight = torch.nn.Parameter(weights * (16.0 * scale) if index == 0 else weights)
            linear.bias = torch.nn.Parameter(torch.tensor(layer["bias"], dtype=torch.float32))
            self.layers.append(linear)
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        grey = (pictures * self.std + self.mean).mean(dim=1)
        values = grey[:, 14::28, 14::28].flatten(1)
        for index, layer in enumerate(self.layers):
            if index > 0:
                values = torch.relu(values)
            values = layer(values)
        return values


def draw(digit):
    """The picture of a digit, whose 16 is white."""
    pixels = np.rint(digit.reshape(8, 8) * (255 / 16)).astype(np.uint8)
    blocks = pixels.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)
    return Image.fromarray(np.pad(blocks, MARGIN)).convert("RGB")


def main():
    model, data, folder = sys.argv[1], np.load(sys.argv[2]), Path(sys.argv[3])
    network = Network(json.loads(Path(model).read_text(encoding="utf-8"))).eval()
    torch.jit.script(network).save(str(folder / "network.pt"))
    names = {str(index): name for index, name in enumerate(NAMES)}
    (folder / "index_to_name.json").write_text(json.dumps(names), encoding="utf-8")
    for number, (digit, target) in enumerate(zip(data["x"][:COUNT], data["y"][:COUNT])):
        place = folder / "pictures" / NAMES[target]
        place.mkdir(parents=True, exist_ok=True)
        draw(digit).save(place / f"{number:03}.{'jpg' if number % 5 == 4 else 'png'}", quality=95)


if __name__ == "__main__":
    main()
