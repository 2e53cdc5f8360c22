import type { BannerMessage, ModalMessage, TooltipMessage } from '../src/index.ts'

export const TOOLTIP: TooltipMessage = {
  key: 'tip',
  kind: 'tooltip',
  content: {
    anchor: '#boards',
    title: 'Go further with Boards',
    body: 'Paste a whole list into the card box: every line becomes a card of its own.',
    action: { label: 'Show me' },
  },
}
export const MODAL: ModalMessage = {
  key: 'benefits',
  kind: 'modal',
  content: {
    title: 'Three things Fieldnotes does for you',
    body: 'Boards hold what the team has to do. Automations move cards, so that nobody has to. Reports show how the week is going.',
    action: { label: 'Open the board', url: '#boards' },
  },
}
export const BANNER: BannerMessage = {
  key: 'news',
  kind: 'banner',
  content: {
    title: 'Reports now go out by themselves',
    body: 'Choose a day, and the week arrives in your inbox.',
    action: { label: 'Choose a day', url: '/help' },
  },
}
