import { IconMoon, IconSun } from '@tabler/icons-react'

/** The style sheet picks the icon, because it knows the scheme before the script does. */
export function SchemeIcon() {
  return (
    <>
      <IconMoon size={16} stroke={1.6} className="mantine-dark-hidden" aria-hidden />
      <IconSun size={16} stroke={1.6} className="mantine-light-hidden" aria-hidden />
    </>
  )
}
