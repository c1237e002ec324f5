'use client'
import { ActionIcon, Button, Menu, useMantineColorScheme } from '@mantine/core'
import { IconCheck, IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react'

const SCHEMES = [
  { value: 'light', label: 'Light', icon: IconSun },
  { value: 'dark', label: 'Dark', icon: IconMoon },
  { value: 'auto', label: 'System', icon: IconDeviceDesktop },
] as const

/**
 * Light, dark or the system's scheme. The choice is stored in this browser.
 *
 * @param isLabelled whether the button has a label next to the icon
 */
export function ThemeSwitch({ isLabelled = false }: { isLabelled?: boolean }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Menu position="bottom-end" width={180}>
      <Menu.Target>
        {isLabelled ? (
          <Button variant="subtle" color="gray" leftSection={<SchemeIcon />}>
            Theme
          </Button>
        ) : (
          <ActionIcon aria-label="Theme">
            <SchemeIcon />
          </ActionIcon>
        )}
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Theme</Menu.Label>
        {SCHEMES.map(({ value, label, icon: Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={15} stroke={1.6} aria-hidden />}
            rightSection={colorScheme === value ? <IconCheck size={14} stroke={1.6} aria-label="selected" /> : null}
            onClick={() => setColorScheme(value)}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** The style sheet picks the icon, because it knows the scheme before the script does. */
function SchemeIcon() {
  return (
    <>
      <IconMoon size={16} stroke={1.6} className="mantine-dark-hidden" aria-hidden />
      <IconSun size={16} stroke={1.6} className="mantine-light-hidden" aria-hidden />
    </>
  )
}
