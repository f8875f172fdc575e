"""The demonstration: three counties from three rosters, built by the product's own actions.

`build` makes it once; `top_up` is run at every start, so that there is always something to do
today. Every date of the plans is moved by whole years so that a plan's last year is this year.
"""

from lms.demo.build import build, top_up

__all__ = ["build", "top_up"]
