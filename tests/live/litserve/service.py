"""The digits model behind LitServe: one row in `input`, its probabilities in `output`. `service.py PORT`."""

import sys

import litserve


class Digits(litserve.LitAPI):
    def setup(self, device):
        from counted import answers

        self.answers = answers

    def decode_request(self, request):
        return request["input"]

    def predict(self, x):
        return self.answers([x])[0]

    def encode_response(self, output):
        return {"output": output.tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(Digits(), accelerator="cpu", workers_per_device=1)
    server.run(port=int(sys.argv[1]), host="127.0.0.1", generate_client_file=False, num_api_servers=1)
