/** The trait that says who is in a vendor's cohort: `cohort_power_users` for the prefix `cohort` and 'Power users!'. */
export function cohortTrait(prefix: string, cohort: string): string {
  const name = cohort
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_|_$/g, '')
  return `${prefix}_${name}`
}
