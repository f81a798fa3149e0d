"""A pool as a value that tests drive through time, without processes."""

from __future__ import annotations

from sipsimple.media.pool import core as pool_core
from sipsimple.media.pool.places import Grant, Pool, Refuse
from sipsimple.media.settings import PoolSettings


class Bench:
    """A pool at a time, and what it asked for; workers it starts are ready when told so."""

    def __init__(self, **settings) -> None:
        self.pool = Pool(PoolSettings(**settings))
        self.now = 100.0
        self.log: list[object] = []
        self.asked = 0

    def do(self, step, *stimulus):
        self.pool, outputs = step(self.pool, *stimulus, self.now)
        self.log += outputs
        return outputs

    def want(self, leg, beside=None, token=None, is_call=True) -> str:
        self.asked += 1
        token = token or f"{leg}-{self.asked}"
        self.do(pool_core.want, token, leg, beside, is_call)
        return token

    def release(self, *tokens):
        return self.do(pool_core.release, tokens)

    def ready(self, capacity=4):
        """Every worker that was started is ready."""
        while starting := [each.number for each in self.pool.workers.values() if not each.is_ready]:
            self.do(pool_core.report, starting[0], capacity)

    def later(self, seconds):
        self.now += seconds
        return self.do(pool_core.settle)

    def answer_of(self, token):
        """The last Grant or Refuse for a token."""
        answers = [each for each in self.log if isinstance(each, (Grant, Refuse)) and each.token == token]
        return answers[-1] if answers else None

    def worker_of(self, token):
        answer = self.answer_of(token)
        assert isinstance(answer, Grant), answer
        return answer.worker

    def asked_for(self, kind):
        return [each for each in self.log if isinstance(each, kind)]
