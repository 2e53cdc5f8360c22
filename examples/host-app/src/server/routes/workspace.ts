import { Hono } from 'hono'
import { z } from 'zod'
import { type Account, AUTOMATIONS, type AutomationId, COLUMNS, type Workspace } from '../model.ts'
import type { Product } from '../product.ts'
import { addCards, addSorting, moveCard, removeCard, removeSorting, switchAutomation } from '../workspace.ts'
import { forUser } from './request.ts'

const column = z.enum(COLUMNS)
const word = z.string().trim().min(1, 'Please enter a word to look for.').max(40)
const automation = z.enum(Object.keys(AUTOMATIONS) as [AutomationId, ...AutomationId[]])

/** Boards and automations; reports are drawn from the same cards by the page. */
export function workspaceRoutes(product: Product): Hono {
  const app = new Hono()
  const moment = () => ({ now: product.now(), id: () => crypto.randomUUID() })
  const change = <T>(schema: z.ZodType<T>, apply: (workspace: Workspace, body: T) => Workspace) =>
    forUser(product, schema, (account: Account, body) => ({ ...account, workspace: apply(account.workspace, body) }))

  const text = z.string().trim().min(1, 'Please write something on the card.').max(4_000, 'That is too long for one go.')
  app.post(
    '/cards',
    change(z.object({ text }), (workspace, body) => addCards(workspace, body.text, moment())),
  )
  app.post(
    '/cards/move',
    change(z.object({ id: z.string(), column }), (workspace, body) => moveCard(workspace, body.id, body.column, moment())),
  )
  app.post(
    '/cards/remove',
    change(z.object({ id: z.string() }), (workspace, { id }) => removeCard(workspace, id)),
  )
  app.post(
    '/automations',
    change(z.object({ id: automation, on: z.boolean() }), (workspace, { id, on }) => switchAutomation(workspace, id, on)),
  )
  app.post('/sortings', change(z.object({ word, column }), addSorting))
  app.post(
    '/sortings/remove',
    change(z.object({ word }), (workspace, body) => removeSorting(workspace, body.word)),
  )
  return app
}
