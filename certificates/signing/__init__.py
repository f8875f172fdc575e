"""Signatures over files, facts and days: bytes in, bytes out. No database, no request, no network.

pyHanko and asn1crypto are loaded by the first signature or check that needs them.
"""
