import { IconAlertTriangle, IconRosetteDiscountCheck, type TablerIcon } from '@tabler/icons-react'
import type { Badge } from '@/lib/iceberg/properties/about'

export const BADGE_ICONS: Readonly<Record<Badge, TablerIcon>> = {
  certified: IconRosetteDiscountCheck,
  deprecated: IconAlertTriangle,
}
