// Loaded in front of the product: each SIGUSR2 puts its wall clock a day forward, each SIGPWR a day back. Steady time goes on as it went.
const dayMs = 24 * 3_600_000
const Wall = Date
let movedMs = 0
globalThis.Date = class Date extends Wall {
  constructor(...args) { super(...(args.length === 0 ? [Wall.now() + movedMs] : args)) }
  static now() { return Wall.now() + movedMs }
}
process.on('SIGUSR2', () => { movedMs += dayMs })
process.on('SIGPWR', () => { movedMs -= dayMs })
