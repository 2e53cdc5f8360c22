/** The one page of the product; everything on it is drawn by the script. */
export const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Fieldnotes</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/style.css">
    <script type="module" src="/app.js"></script>
  </head>
  <body>
    <div id="app"></div>
    <noscript>Fieldnotes needs JavaScript.</noscript>
  </body>
</html>
`

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#2c6e54"/><path d="M10 8.5h9l4 4v11h-13z" fill="none" stroke="#fff" stroke-width="2" stroke-linejoin="round"/><path d="M13.5 15h6M13.5 19h4" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>
`

/** Nothing but our own script and style runs; the page may talk to us and to Waymark only. */
export function contentSecurityPolicy(waymarkUrl: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "frame-src 'self'",
    `connect-src 'self' ${waymarkUrl}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Mail is somebody else's HTML: it may look as it likes, and do nothing. */
export const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
