export const FONT_FAMILY = "'Inter Variable', 'Inter Fallback', system-ui, sans-serif"
export const MONOSPACE_FONT_FAMILY = "'JetBrains Mono Variable', ui-monospace, monospace"
