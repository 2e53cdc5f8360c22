import type { TemplateSource } from '@waymark/channel-email'

/** Liquid: the user's traits are at hand as `traits`, what the rule gives as `data`. */
export const templates: Readonly<Record<string, TemplateSource>> = {
  highlights: {
    subject: '{{ traits.name | default: "Hello" }}, your cards are waiting',
    text: `Hello {{ traits.name | default: "there" }},

your workspace has been quiet since yesterday. Three things to try next time:

{% for highlight in data.highlights %}- {{ highlight }}
{% endfor %}
Open Fieldnotes: {{ data.appUrl }}

You get this because you agreed to emails from Fieldnotes. You can change that in Fieldnotes under your name.
`,
    html: `<!doctype html>
<html lang="en">
  <body style="margin:0;padding:32px 16px;background:#f4f6f3;color:#1d2521;font:16px/1.6 system-ui,sans-serif">
    <div style="max-width:32rem;margin:0 auto;padding:32px;background:#ffffff;border-radius:16px">
      <p style="margin:0 0 24px;color:#2c6e54;font-weight:600">Fieldnotes</p>
      <h1 style="margin:0 0 12px;font-size:22px;line-height:1.3">Hello {{ traits.name | default: "there" }}, your cards are waiting</h1>
      <p style="margin:0 0 16px">Your workspace has been quiet since yesterday. Three things to try next time:</p>
      <ul style="margin:0 0 24px;padding-left:20px">{% for highlight in data.highlights %}
        <li style="margin:0 0 8px">{{ highlight }}</li>{% endfor %}
      </ul>
      <a href="{{ data.appUrl }}" target="_blank" style="display:inline-block;padding:10px 18px;border-radius:10px;background:#2c6e54;color:#ffffff;text-decoration:none;font-weight:600">Open Fieldnotes</a>
      <p style="margin:32px 0 0;font-size:13px;color:#5d6a63">You get this because you agreed to emails from Fieldnotes. You can change that in Fieldnotes under your name.</p>
    </div>
  </body>
</html>
`,
  },
}
