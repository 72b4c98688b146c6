/** Lines that are neither blank nor comments. A comment begins on a line of its own. */
export function linesOfCode(text: string): number {
  const lines = text.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '' && !/^(\/\/|\/\*|\*)/.test(line)).length
}
