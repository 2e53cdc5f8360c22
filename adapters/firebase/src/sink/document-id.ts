import { sha256 } from '@waymark/kit'

/** Longest id of a document, in bytes. https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields */
const ID_BYTES = 1500

/**
 * A user's id as the id of a document, which may hold no '/', be no '.' or '..' and not look like `__this__`: 'a/b' becomes 'a%2Fb'. `decodeURIComponent`
 * gives it back, but for one that is too long, which becomes its SHA-256.
 */
export function documentId(id: string): string {
  const encoded = encodeURIComponent(id.toWellFormed()).replace(/^\.{1,2}$/, (dots) => dots.replaceAll('.', '%2E'))
  const named = /^__.*__$/.test(encoded) ? encoded.replaceAll('_', '%5F') : encoded
  return named.length <= ID_BYTES ? named : `sha256-${sha256(id)}`
}
