/** The operator's price of a TB (10¹² bytes) a month, in a currency of ISO 4217. */
export type StoragePrice = { perTbMonth: number; currency: string }

/** Decimal, as providers of storage count. */
const TB = 1e12

/** The cost of bytes: `'$23.55 a month'`; an amount that rounds to zero is `'< $0.01 a month'`. */
export function formatMonthlyCost(bytes: number, { perTbMonth, currency }: StoragePrice): string {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency })
  const least = 10 ** -(format.resolvedOptions().maximumFractionDigits ?? 0)
  const amount = (bytes / TB) * perTbMonth
  const text = amount > 0 && amount < least ? `< ${format.format(least)}` : format.format(amount)
  return `${text} a month`
}

/** A change: always with its sign, `'−$1.20 a month'`; `'−$0.01 a month or less'`. */
export function formatMonthlyCostChange(bytes: number, price: StoragePrice): string {
  const cost = formatMonthlyCost(Math.abs(bytes), price)
  const sign = bytes < 0 ? '−' : '+'
  return cost.startsWith('< ') ? `${sign}${cost.slice(2)} or less` : `${sign}${cost}`
}
