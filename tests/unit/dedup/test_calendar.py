"""The oldest rows come first."""

from services.dedup.calendar import Calendar

HOUR = 3_600


def test_rows_of_the_oldest_hour_come_first_and_only_once_the_hour_is_over() -> None:
    calendar = Calendar()
    for row, at_s in [(1, 5 * HOUR), (2, 3 * HOUR), (3, 3 * HOUR + 10)]:
        calendar.add(row, at_s)
    assert calendar.before(4 * HOUR - 1, 9) == []
    assert sorted(calendar.before(9 * HOUR, 9)) == [2, 3]
    assert len(calendar.before(9 * HOUR, 1)) == 1


def test_removed_rows_are_gone_in_whatever_order() -> None:
    calendar = Calendar()
    for row in range(5):
        calendar.add(row, HOUR)
    for row in (2, 4, 0):
        calendar.remove(row, HOUR)
    assert sorted(calendar.before(9 * HOUR, 9)) == [1, 3]
    calendar.remove(1, HOUR)
    calendar.remove(3, HOUR)
    assert calendar.before(9 * HOUR, 9) == []
