import { base } from '../../tsup.base.ts'

export default {
  ...base,
  entry: ['src/plugin/index.ts', 'src/store/index.ts', 'src/postgres/index.ts', 'src/vendors/index.ts', 'src/warehouse/index.ts', 'src/simulation/index.ts'],
}
