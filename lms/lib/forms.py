"""How forms are drawn: our field template (templates/parts/_field.html) everywhere."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    form_template_name = "parts/_form.html"
    field_template_name = "parts/_field.html"
