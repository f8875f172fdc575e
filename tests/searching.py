"""The search box of a list of people, used as a browser does."""

from django.urls import reverse


def search(client, address, text, **filters):
    """The list at `address` after `text` was typed; `filters` are chosen with it."""
    listed = client.get(address, filters).context["listing"].listed
    asked = {"listed": listed, "q": text, **filters}
    return client.post(reverse("list_find"), asked, follow=True)
