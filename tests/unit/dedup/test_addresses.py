"""Addresses are kept as long as they are needed."""

from services.dedup.addresses import NONE, Addresses


def test_each_address_comes_back_until_it_is_dropped() -> None:
    addresses = Addresses()
    references = {
        f"https://первая.example/{number}": addresses.put(f"https://первая.example/{number}") for number in range(9_000)
    }
    assert all(addresses.get(reference) == url for url, reference in references.items())


def test_a_block_goes_with_its_last_address() -> None:
    addresses = Addresses()
    references = [addresses.put(f"https://first.example/{number:06}") for number in range(9_000)]
    blocks = len(addresses._blocks)
    for reference in references[:8_000]:
        addresses.drop(reference)
    assert len(addresses._blocks) < blocks / 2
    assert addresses.get(references[-1]) == "https://first.example/008999"


def test_no_address_needs_no_room() -> None:
    addresses = Addresses()
    assert addresses.put("") == NONE
    assert addresses.get(NONE) == ""
    addresses.drop(NONE)


def test_an_address_of_any_length_is_accepted() -> None:
    addresses = Addresses()
    long = "https://first.example/" + "a" * 100_000
    kept = addresses.get(addresses.put(long))
    assert long.startswith(kept)
    assert len(kept) >= 65_534


def test_any_scheme_comes_back() -> None:
    addresses = Addresses()
    for url in ("http://first.example/a", "https://", "urn:news:7", "first.example"):
        assert addresses.get(addresses.put(url)) == url
