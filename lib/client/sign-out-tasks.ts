const tasks: (() => void)[] = []

/** For what must end before the user has gone. The page loads again after the sign-out, so nothing is ever removed. */
export function runBeforeSignOut(task: () => void): void {
  tasks.push(task)
}

export function runSignOutTasks(): void {
  for (const task of tasks) task()
}
