"""The search box of a list of people, used as a browser does."""

import re
from urllib.parse import quote

from django.urls import reverse


def search_here(client, address, text, **chosen):
    """A page that is no list, after `text` was typed into its search box."""
    page = client.get(address, chosen).content.decode()
    listed = re.search(r'name="listed" value="([^"]+)"', page)[1]
    asked = {"listed": listed, "q": text, **chosen}
    answer = client.post(reverse("list_find"), asked, follow=True)
    assert f"q={quote(text)}" not in answer.redirect_chain[-1][0]
    return answer


def search(client, address, text, **filters):
    """The list at `address` after `text` was typed; `filters` are chosen with it."""
    listed = client.get(address, filters).context["listing"].listed
    asked = {"listed": listed, "q": text, **filters}
    return client.post(reverse("list_find"), asked, follow=True)
