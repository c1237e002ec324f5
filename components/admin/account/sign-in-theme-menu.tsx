'use client'
import { MantineRoot } from '@/components/shell/theme/mantine-root'
import { ThemeMenu } from '@/components/shell/theme/theme-menu'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'

export function SignInThemeMenu({ nonce, ...props }: LoadedMenuProps & { nonce: string }) {
  return (
    <MantineRoot nonce={nonce}>
      <ThemeMenu {...props} />
    </MantineRoot>
  )
}
