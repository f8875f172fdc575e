from tests.access import public

EXPECTED = {
    "livez": public(),
    "readyz": public(status=503),
}
