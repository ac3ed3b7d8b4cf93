"""The digits model behind Ray Serve: the list of rows in, the list of their probabilities out. `service.py PORT`."""

import os
import signal
import sys

import ray
from ray import serve


@serve.deployment(num_replicas=1, max_ongoing_requests=8, ray_actor_options={"num_cpus": 0})
class Digits:
    def __init__(self):
        from counted import answers

        self.answers = answers

    async def __call__(self, request):
        if request.method == "GET":
            return "ready"
        return self.answers(await request.json()).tolist()


if __name__ == "__main__":
    names = ["NOISEBOUND_LIVE_FOLDER", "NOISEBOUND_LIVE_MODELS", "PYTHONPATH"]
    ray.init(
        include_dashboard=False,
        num_cpus=2,
        object_store_memory=100 * 2**20,
        _node_ip_address="127.0.0.1",
        runtime_env={"env_vars": {name: os.environ[name] for name in names}},
    )
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    serve.run(Digits.bind(), route_prefix="/")
    # Whoever stops it stops the whole group, so there is nobody left to say goodbye to.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
    signal.sigwait([signal.SIGTERM, signal.SIGINT])
    os._exit(0)
