import { ANONYMOUS, type PluginContext } from '@waymark/core'
import { CHANNEL } from './messages.ts'
import type { Shown, Stream } from './streams.ts'

/** What is open for a user, oldest first. */
export async function inbox(profile: string, context: PluginContext): Promise<readonly Shown[]> {
  const open = await context.conversation.open(profile, CHANNEL)
  return open.map(({ key, kind, content }) => ({ key, kind, content }))
}

/** Finds out whose stream it is; nobody's before the first event of its identity. True when it is another's than before. */
export async function bind(stream: Stream, context: PluginContext): Promise<boolean> {
  const before = stream.profile
  for (;;) {
    const profile = await context.conversation.profileOf(stream.identity)
    // A user who is still the visitor they were may get a profile of their own tomorrow, without a merge.
    stream.isLoose = profile === undefined || (stream.identity.userId !== undefined && profile.startsWith(ANONYMOUS))
    if (stream.profile === profile) return profile !== before
    // Asked once more after it is set: a merge before that was not told to this stream, one after it is.
    stream.profile = profile
  }
}

/** Tells a stream all that is open for its user; what is new meanwhile follows. A stream whose inbox cannot be read is closed, and comes back. */
export async function tellInbox(stream: Stream, context: PluginContext): Promise<void> {
  const told = stream.readInbox()
  try {
    told(stream.profile === undefined ? [] : await inbox(stream.profile, context))
  } catch (error) {
    context.log.warn('a stream was closed: its inbox could not be read', { error: String(error) })
    stream.close()
  }
}
