import type { Badge } from '@/lib/iceberg/properties/about'

export const BADGE_CHOICES = [
  { value: 'none', label: 'None' },
  { value: 'certified', label: 'Certified' },
  { value: 'deprecated', label: 'Deprecated' },
] as const satisfies readonly { value: Badge | 'none'; label: string }[]
