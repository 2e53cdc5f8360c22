/** Where people open the product, for the links in emails. */
export const APP_URL: string = process.env['FIELDNOTES_URL'] ?? 'http://127.0.0.1:4800'
