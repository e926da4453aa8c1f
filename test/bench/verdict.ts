/** Prints a figure beside its bound; one that is not kept makes the script end with exit code 1. */
export function hold(what: string, figure: number | string, bound: string, kept: boolean): void {
  console.log(`  ${what.padEnd(44)} ${String(figure).padStart(8)}   ${bound}${kept ? '' : '   NOT KEPT'}`)
  if (!kept) process.exitCode = 1
}
