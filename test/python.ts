/** Python's own packages (email, Debian's python3-dkim) as a second pair of eyes on what we write. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

const program = '/usr/bin/python3'

/** With CI set a missing one is a failure, so no suite is ever skipped there unseen. */
export const hasPython = (): boolean => {
  const there = existsSync(program) && existsSync('/usr/lib/python3/dist-packages/dkim/__init__.py')
  if (!there && process.env['CI']) throw new Error('Python with python3-dkim is missing: run "npm run test:setup" as root')
  return there
}

/** One answer for each question, as JSON lines; rejects with Python's own words. */
async function askPython(script: string, questions: readonly unknown[]): Promise<readonly unknown[]> {
  const child = spawn(program, ['-I', '-c', script], { stdio: ['pipe', 'pipe', 'pipe'] })
  const out: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  child.stdin.end(questions.map((question) => `${JSON.stringify(question)}\n`).join(''))
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0) throw new Error(Buffer.concat(errors).toString().slice(-2000))
  const lines = Buffer.concat(out).toString().trimEnd().split('\n')
  if (lines.length !== questions.length) throw new Error(`${questions.length} questions, ${lines.length} answers`)
  return lines.map((line) => JSON.parse(line) as unknown)
}

/** A mail's head in base64 (so a multipart has no parts, which is no defect here) → its fields as Python's email package parts them, and the addresses it reads in them. */
const readHeads = `
import sys, json, base64
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses
parser = BytesHeaderParser(policy=compat32)
for line in sys.stdin:
    message = parser.parsebytes(base64.b64decode(json.loads(line)))
    fields = [[name, value.replace('\\r\\n', '').encode('utf8', 'surrogateescape').decode('utf8')] for name, value in message.raw_items()]
    people = {name: [address for _, address in getaddresses([value for own, value in fields if own.lower() == name])] for name in ('from', 'sender', 'to', 'cc', 'bcc', 'reply-to')}
    print(json.dumps({'fields': fields, 'people': people, 'rest': len(message.get_payload() or ''), 'defects': [type(one).__name__ for one in message.defects if type(one).__name__ != 'MultipartInvariantViolationDefect']}))
`
export interface PythonHead {
  readonly fields: readonly (readonly [string, string])[]
  readonly people: Readonly<Record<'from' | 'sender' | 'to' | 'cc' | 'bcc' | 'reply-to', readonly string[]>>
  /** Characters that it took for the body. */
  readonly rest: number
  readonly defects: readonly string[]
}
/** Heads with the empty line that ends them. */
export const readHeadsByPython = async (heads: readonly Buffer[]): Promise<readonly PythonHead[]> =>
  (await askPython(readHeads, heads.map((head) => head.toString('base64')))) as readonly PythonHead[] // the script above writes just this

/** Whether dkimpy takes a mail's first signature for good, with this record published. */
const verifyMails = `
import sys, json, base64, dkim
for line in sys.stdin:
    question = json.loads(line)
    record = question['value'].encode()
    def lookup(name, timeout=5):
        return record if name.decode().rstrip('.') == question['name'] else None
    try:
        good = dkim.DKIM(base64.b64decode(question['mail'])).verify(dnsfunc=lookup)
    except dkim.DKIMException as problem:
        good = str(problem)
    print(json.dumps(good))
`
/** true, false, or why it could not be judged. */
export const verifyByPython = (mails: readonly { readonly mail: Buffer; readonly name: string; readonly value: string }[]): Promise<readonly unknown[]> =>
  askPython(verifyMails, mails.map(({ mail, name, value }) => ({ mail: mail.toString('base64'), name, value })))
