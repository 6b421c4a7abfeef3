from tests.console.conftest import STATION, Place


def test_up(duty: Place) -> None:
    with duty.device(STATION) as device:
        device.report(pm25=12.5)
    print(duty.code())
