import { expect, it, vi } from 'vitest'
import { startPostgresIfPossible } from '../src/postgres/index.ts'

it('a server that cannot be started is told of in a line', async () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    expect(await startPostgresIfPossible({ settings: { no_such_setting: 'on' } })).toBeUndefined()
    expect(write.mock.calls.map(([line]) => line)).toEqual([
      expect.stringMatching(/^PostgreSQL cannot be started here, so what needs it is passed over: .+\n$/),
    ])
  } finally {
    write.mockRestore()
  }
})
