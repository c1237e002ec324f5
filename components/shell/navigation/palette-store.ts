import { createSpotlight } from '@mantine/spotlight'

/** The state of the palette (open, selected action), and the actions that open and close it. */
export const [paletteStore, palette] = createSpotlight()
