export const MAIN_BRANCH = 'main'
