import type { Mark } from '@/lib/iceberg/properties/about'

export const MARK_CHOICES = [
  { value: 'none', label: 'None' },
  { value: 'certified', label: 'Certified' },
  { value: 'deprecated', label: 'Deprecated' },
] as const satisfies readonly { value: Mark | 'none'; label: string }[]
