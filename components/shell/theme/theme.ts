import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'
import { FONT_FAMILY, MONOSPACE_FONT_FAMILY } from './fonts'

/** Ten shades from one line of the palette, lightest first (`dark`: text first, background last). */
function toShades(line: string): MantineColorsTuple {
  const [a = '', b = '', c = '', d = '', e = '', f = '', g = '', h = '', i = '', j = ''] = line.split(' ')
  return [a, b, c, d, e, f, g, h, i, j]
}

const FLOATING_PROPS = { radius: 'md', shadow: 'md', transitionProps: { duration: 100, transition: 'fade' } } as const
const CONTROL_PROPS = { size: 'xs' } as const
const COMBOBOX_PROPS = { ...CONTROL_PROPS, comboboxProps: { shadow: 'md', transitionProps: { duration: 100 } } }
const OVERLAY_PROPS = { overlayProps: { blur: 0, backgroundOpacity: 0.3 }, transitionProps: { duration: 100 } } as const

export const theme = createTheme({
  colors: {
    lake: toShades('#E0F0F3 #C4E3E9 #9CD2DC #78C6D6 #55BDD0 #2FA5BB #14819A #0B6477 #0A5060 #083D4A'),
    gray: toShades('#F5F8F9 #EDF2F4 #E6EDF0 #E2E9EC #CDD8DD #82929A #586A73 #43565F #243239 #13232A'),
    dark: toShades('#E3EBEE #A9B8BF #869AA3 #6A7F88 #32414A #1A252A #121A1E #0C1316 #0E1619 #080D0F'),
    red: toShades('#FBE9E7 #FBD2CD #F9BBB4 #F6A39B #F28B82 #DE6C62 #C94C41 #B3261E #712520 #351C1B'),
    green: toShades('#E4F4EA #C5E9D2 #A5DEBA #83D2A2 #5CC68A #46A970 #2F8C57 #17713F #184C2F #132A1F'),
    yellow: toShades('#FDF1D8 #F7E1B8 #F0D196 #EAC073 #E3B04B #C49135 #A5731E #875600 #5B3E0C #33270D'),
    violet: toShades('#EEEAF9 #E0D9F8 #D2C8F6 #C4B7F4 #B7A6F2 #9683D9 #7761BF #5A3EA6 #3F2F70 #261F3F'),
  },
  primaryColor: 'lake',
  primaryShade: { light: 7, dark: 4 },
  white: '#FFFFFF',
  black: '#13232A',
  autoContrast: true,
  luminanceThreshold: 0.3,
  fontFamily: FONT_FAMILY,
  fontFamilyMonospace: MONOSPACE_FONT_FAMILY,
  fontSizes: { xs: '11px', sm: '12px', md: '13px', lg: '15px', xl: '18px' },
  lineHeights: { xs: '1.36', sm: '1.42', md: '1.45', lg: '1.4', xl: '1.33' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '18px', lineHeight: '24px' },
      h2: { fontSize: '15px', lineHeight: '20px' },
      h3: { fontSize: '13px', lineHeight: '19px' },
    },
  },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '20px' },
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px' },
  defaultRadius: 'md',
  shadows: { sm: 'none', md: 'var(--shadow-float)' },
  focusRing: 'auto',
  respectReducedMotion: true,
  cursorType: 'pointer',
  breakpoints: { sm: '48em', md: '64em', lg: '80em', xl: '100em' },
  // Plain objects: `Button.extend` would put every component that is named here into the script of every page.
  components: {
    // Explicit, so that the style sheet can match this variant.
    Button: { defaultProps: { ...CONTROL_PROPS, variant: 'filled' } },
    TextInput: { defaultProps: CONTROL_PROPS },
    PasswordInput: { defaultProps: CONTROL_PROPS },
    Textarea: { defaultProps: CONTROL_PROPS },
    NumberInput: { defaultProps: CONTROL_PROPS },
    Select: { defaultProps: COMBOBOX_PROPS },
    Autocomplete: { defaultProps: COMBOBOX_PROPS },
    Radio: { defaultProps: CONTROL_PROPS },
    SegmentedControl: {
      defaultProps: { ...CONTROL_PROPS, transitionDuration: 100, withItemsBorders: false },
    },
    ActionIcon: { defaultProps: { size: 26, variant: 'subtle', color: 'gray' } },
    Badge: { defaultProps: { radius: 'sm', tt: 'none', variant: 'light' } },
    Checkbox: { defaultProps: CONTROL_PROPS },
    Switch: { defaultProps: CONTROL_PROPS },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: false, transitionProps: { duration: 100 } } },
    // The placeholder is an element in the menu that is not an item of it.
    Menu: { defaultProps: { ...FLOATING_PROPS, withInitialFocusPlaceholder: false } },
    Popover: { defaultProps: FLOATING_PROPS },
    Drawer: { defaultProps: OVERLAY_PROPS },
    Modal: { defaultProps: OVERLAY_PROPS },
  },
})

/** Mantine's variables that use our tokens, the same in both schemes. */
const MANTINE_VARIABLES = {
  '--mantine-color-body': 'var(--bg)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-bright': 'var(--text)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--line2)',
  '--mantine-color-dimmed': 'var(--text3)',
  '--mantine-color-placeholder': 'var(--text3)',
  '--mantine-color-error': 'var(--removed)',
  '--mantine-color-success': 'var(--added)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-disabled': 'var(--sunken)',
  '--mantine-color-disabled-color': 'var(--text3)',
  '--mantine-color-disabled-border': 'var(--line)',
  '--mantine-primary-color-contrast': 'var(--on-accent)',
  '--mantine-color-lake-light': 'var(--accent-bg)',
  '--mantine-color-lake-light-hover': 'var(--accent-bg)',
  '--mantine-color-lake-light-color': 'var(--accent)',
  '--mantine-color-gray-light': 'var(--sunken)',
  '--mantine-color-gray-light-hover': 'var(--hover)',
  '--mantine-color-gray-light-color': 'var(--text2)',
  '--mantine-color-red-light': 'var(--removed-bg)',
  '--mantine-color-red-light-color': 'var(--removed)',
  '--mantine-color-green-light': 'var(--added-bg)',
  '--mantine-color-green-light-color': 'var(--added)',
  '--mantine-color-yellow-light': 'var(--warn-bg)',
  '--mantine-color-yellow-light-color': 'var(--warn)',
  '--mantine-color-violet-light': 'var(--past-bg)',
  '--mantine-color-violet-light-color': 'var(--past)',
}

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: MANTINE_VARIABLES,
  dark: MANTINE_VARIABLES,
})
