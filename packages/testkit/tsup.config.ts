import { base } from '../../tsup.base.ts'

export default { ...base, entry: ['src/store/index.ts', 'src/postgres/index.ts', 'src/simulation/index.ts'] }
