import { IconAlertTriangle, IconRosetteDiscountCheck, type TablerIcon } from '@tabler/icons-react'
import type { Mark } from '@/lib/iceberg/properties/about'

export const MARK_ICONS: Readonly<Record<Mark, TablerIcon>> = {
  certified: IconRosetteDiscountCheck,
  deprecated: IconAlertTriangle,
}
