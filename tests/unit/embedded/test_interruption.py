"""A signal between a birth and its entry waits; while stopping it changes nothing."""

import os
import signal

import pytest

from deploy.embedded import interruption


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_interrupts(number: signal.Signals) -> None:
    with interruption.handled(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)


def test_a_signal_waits_for_the_end_of_a_deferred_block() -> None:
    reached = False

    def block() -> None:
        nonlocal reached
        with interruption.deferred():
            os.kill(os.getpid(), signal.SIGTERM)
            reached = True

    with interruption.handled(), pytest.raises(KeyboardInterrupt):
        block()
    assert reached


def test_a_signal_waits_for_the_end_of_the_outermost_block() -> None:
    reached = []

    def block() -> None:
        with interruption.deferred():
            with interruption.deferred():
                os.kill(os.getpid(), signal.SIGTERM)
            reached.append("after the inner one")

    with interruption.handled(), pytest.raises(KeyboardInterrupt):
        block()
    assert reached


def test_only_the_first_signal_interrupts() -> None:
    with interruption.handled():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_second_signal_does_not_break_off_the_stop() -> None:
    with interruption.handled():
        interruption.ignore()
        os.kill(os.getpid(), signal.SIGINT)


def test_the_signals_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with interruption.handled():
        pass
    assert signal.getsignal(signal.SIGTERM) == before
