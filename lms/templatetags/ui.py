"""Parts of the design system that need code."""

from django import template

register = template.Library()
