/** A column of a BigQuery table. */
export interface Column {
  readonly name: string
  readonly type: 'STRING' | 'INTEGER' | 'FLOAT' | 'RECORD'
  readonly mode?: 'REPEATED'
  readonly fields?: readonly Column[]
}

const text = (...names: string[]): Column[] => names.map((name) => ({ name, type: 'STRING' }))
const int = (...names: string[]): Column[] => names.map((name) => ({ name, type: 'INTEGER' }))
const record = (name: string, ...fields: Column[]): Column => ({ name, type: 'RECORD', fields })
const list = (name: string, ...fields: Column[]): Column => ({ name, type: 'RECORD', mode: 'REPEATED', fields })

const VALUE: readonly Column[] = [...text('string_value'), ...int('int_value'), { name: 'float_value', type: 'FLOAT' }, { name: 'double_value', type: 'FLOAT' }]

/** The columns of Google Analytics' export that are read here. */
export const EXPORT_COLUMNS: readonly Column[] = [
  ...text('event_date', 'event_name', 'user_id', 'user_pseudo_id', 'stream_id', 'platform'),
  ...int('event_timestamp', 'event_bundle_sequence_id', 'batch_event_index', 'batch_page_id', 'batch_ordering_id'),
  list('event_params', ...text('key'), record('value', ...VALUE)),
  list('user_properties', ...text('key'), record('value', ...VALUE, ...int('set_timestamp_micros'))),
  record('privacy_info', ...text('analytics_storage', 'ads_storage')),
  record('device', ...text('category', 'mobile_brand_name', 'mobile_model_name', 'operating_system', 'operating_system_version', 'language', 'vendor_id')),
  record('geo', ...text('country', 'region', 'city')),
  record('app_info', ...text('id', 'version')),
  record('collected_traffic_source', ...text('manual_campaign_name', 'manual_source', 'manual_medium', 'manual_term', 'manual_content', 'gclid')),
  list('items', ...text('item_id', 'item_name'), { name: 'price', type: 'FLOAT' }, ...int('quantity')),
]

type Cell = { readonly v: unknown }

/** A row in BigQuery's own writing: cells in the order of the columns, numbers as text. */
export function encodeRow(row: Readonly<Record<string, unknown>>, columns: readonly Column[]): { readonly f: readonly Cell[] } {
  return { f: columns.map((column) => ({ v: encode(row[column.name], column) })) }
}

function encode(value: unknown, column: Column): unknown {
  if (column.mode === 'REPEATED')
    return (Array.isArray(value) ? value : []).map((item) => ({ v: encode(item, { ...column, mode: undefined } as unknown as Column) }))
  if (value === null || value === undefined) return null
  return column.type === 'RECORD' ? encodeRow(value as Record<string, unknown>, column.fields ?? []) : String(value)
}
