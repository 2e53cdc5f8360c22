import type { PluginContext } from '@waymark/core'
import { CHANNEL } from './messages.ts'
import type { Shown, Stream } from './streams.ts'

/** What is open for a user, oldest first. */
export async function inbox(profile: string, context: PluginContext): Promise<readonly Shown[]> {
  const open = await context.conversation.open(profile, CHANNEL)
  return open.map(({ key, kind, content }) => ({ key, kind, content }))
}

/** Finds out whose stream it is; nobody's before the first event of its identity. */
export async function bind(stream: Stream, context: PluginContext): Promise<void> {
  for (;;) {
    const owner = await context.conversation.profileOf(stream.identity)
    if (stream.profile === owner) return
    // Asked once more after it is set: a merge before that was not told to this stream, one after it is.
    stream.profile = owner
  }
}
