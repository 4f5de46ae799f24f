"""How a test script tells its results: a line a test, and at the end how many passed."""
import sys
import time
import traceback


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def test(self, name, body):
        """Runs a test, a function that raises what is wrong."""
        try:
            body()
        except Exception as error:  # pylint: disable=broad-except
            self.failed += 1
            why = str(error) or traceback.format_exc(limit=-2)
            print(f"FAILED {name}: {why}", flush=True)
        else:
            self.passed += 1
            print(f"ok {name}", flush=True)

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        sys.exit(1 if self.failed else 0)


def expect(truth, why):
    if not truth:
        raise AssertionError(why)


def expect_equal(told, wanted, what):
    expect(told == wanted, f"{what}: {told!r}, expected {wanted!r}")


def until(condition, what, limit_s=60):
    """Waits for a condition; its last value. Fails at the limit."""
    end = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        expect(time.monotonic() < end, f"{what}: not within {limit_s} s")
        time.sleep(0.05)
