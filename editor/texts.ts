/** The words of the shell, the flows list and the flow screen. Plain, exact, in the terms of people who know mail. */
const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many)
const counted = (count: number, one: string, many: string): string => `${count} ${plural(count, one, many)}`
const steps = (count: number): string => (count === 1 ? 'a step' : `${count} steps`)

export const texts = {
  product: 'Mailweave', close: 'Close',
  nav: {
    label: 'Main', flows: 'Flows', runs: 'Runs', mailboxes: 'Mailboxes', outbox: 'Outbox', connections: 'Connections', people: 'People', sandbox: 'Sandbox',
    skip: 'Skip to the page', version: (version: string) => `Version ${version}`, signOut: 'Sign out', open: 'Open the menu',
    outboxBad: (count: number) => `${counted(count, 'mail needs', 'mails need')} you`, outboxWaiting: (count: number) => `${counted(count, 'mail', 'mails')} waiting`,
  },
  scheme: { light: 'Light', dark: 'Dark', auto: 'As the system', label: (now: string) => `Colours: ${now}` },
  failed: {
    title: 'This page stopped working', say: 'Your flow is saved up to your last pause. Loading the page again usually helps.', again: 'Load again',
    noPage: 'There is no such page', noPageSay: 'The address may be old, or the flow was deleted.', toFlows: 'To the flows', away: 'Mailweave does not answer',
  },
  state: {
    running: (version: number) => `Running v${version}`, paused: 'Paused itself', held: (count: number) => `${count} held`, testMode: 'Test mode', testModeSay: (to: string) => `Everything goes to ${to}`, stopped: 'Stopped', never: 'Not deployed yet', looking: 'You may look, not change',
    changes: (count: number) => counted(count, 'change not deployed', 'changes not deployed'), changed: 'Changes not deployed',
  },
  flows: {
    title: 'Flows', create: 'New flow', search: 'Search flows', loading: 'the flows', failed: 'The flows could not be loaded',
    name: 'Flow', stateColumn: 'State', today: 'Last 24 hours', problem: 'Last problem', more: (name: string) => `More for ${name}`,
    open: 'Open', runs: 'Runs', remove: 'Delete…', removeTitle: (name: string) => `Delete “${name}”?`, removeAction: 'Delete flow',
    removeSay: 'The flow file and its drawing go away. The history of its runs stays.', removeRunning: 'It is running: no new mail is taken from its mailbox any more; runs on their way end.',
    empty: 'No flow yet', emptySay: 'A flow takes mail from a mailbox, fills in a new mail and sends it. Start with a recipe, or with an empty canvas.',
    noMatch: (query: string) => `No flow is named like “${query}”.`,
    runsOf: (done: number, failed: number) => `${done === 0 ? 'no mail' : counted(done, 'mail', 'mails')} today${failed > 0 ? `, ${failed} failed` : ''}`,
    allHours: (count: number) => `${counted(count, 'run', 'runs')} in the last 24 hours`,
    hourBar: (count: number, hoursAgo: number) => `${counted(count, 'run', 'runs')} ${hoursAgo === 0 ? 'in this hour' : `${hoursAgo} h ago`}`,
    problems: (count: number) => `${count} to check`, fine: 'none', mailbox: (health: string) => `Mailbox ${health}`,
    tour: 'Try it in the sandbox', tourWaits: 'A first flow is running already', tourSay: 'Send it a sample letter and watch what comes out. No mail account is needed, and nothing leaves this machine.', toSandbox: 'Open the sandbox', connect: 'Connect a mailbox',
  },
  newFlow: {
    title: 'New flow', name: 'Name', placeholder: 'Support mail to tickets', id: (id: string) => `Saved as flows/${id}.json`, start: 'Start with', create: 'Create flow', noName: 'Give the flow a name',
    empty: 'An empty canvas', emptySay: 'Put the steps in yourself.',
    forward: 'Forward with a changed subject', forwardSay: 'Each new mail goes on to an address, with words before its subject.', forwardPrefix: 'Fwd: ',
    file: 'Sort mail into folders', fileSay: 'Each new mail moves to a folder named after its sender’s domain.', fileFolder: 'Senders/',
    receiveOnly: 'Copy mail to an address', receiveOnlySay: 'Each new mail goes on as it is, attachments too.',
  },
  header: {
    tabs: 'Views of this flow', canvas: 'Canvas', runs: 'Runs', versions: 'Versions', name: 'Name of the flow', back: 'All flows',
    undo: (say: string | null) => (say === null ? 'Nothing to undo' : `Undo: ${say} (Ctrl+Z)`), redo: (say: string | null) => (say === null ? 'Nothing to redo' : `Redo: ${say} (Ctrl+Shift+Z)`),
    tryIt: 'Try on recent mail', stop: 'Stop', deploy: (version: number) => `Deploy v${version}`, start: (version: number) => `Start v${version}`, deployed: (version: number) => `v${version} runs just as it is drawn here`,
    saved: 'Saved', saving: 'Saving…', changed: 'Not saved yet', failed: (say: string) => `Not saved. ${say}`, conflict: 'Not saved: changed elsewhere', save: 'Save now (Ctrl+S)',
  },
  stop: { title: (name: string) => `Stop “${name}”?`, say: 'No new mail is taken from its mailbox. Runs on their way end, and mail in the outbox still goes out.', action: 'Stop the flow' },
  shield: {
    paused: 'This flow stopped itself', resume: 'Resume', resumeApprove: (count: number) => `Resume and let ${counted(count, 'mail', 'mails')} go`, resumeKeep: (count: number) => `Resume, keep holding ${plural(count, 'it', 'them')}`, discard: (count: number) => `Discard ${plural(count, 'it', 'them')}…`, look: (count: number) => `Look at ${plural(count, 'it', 'them')}`,
    heldBy: (count: number) => `${counted(count, 'mail is', 'mails are')} held.`, held: (count: number) => `${counted(count, 'mail waits', 'mails wait')} for your yes`, heldSay: (count: number) => (count === 1 ? 'It is written and ready to go. Look at it in the outbox, or decide here.' : 'They are written and ready to go. Look at them in the outbox, or decide about all of them here.'),
    approve: (count: number) => (count === 1 ? 'Let it go' : `Let all ${count} go`), approveStop: 'Let go and stop asking', discardTitle: (count: number) => `Discard ${counted(count, 'held mail', 'held mails')}?`, discardAction: 'Discard', discardSay: (count: number) => (count === 1 ? 'It is not sent, and its run ends as failed. The run can be replayed later.' : 'They are not sent, and their runs end as failed. The runs can be replayed later.'),
  },
  safety: {
    title: 'Safety', budgets: 'Stop the flow above', budgetsSay: 'What is above is held and the flow is paused, until somebody looks. 0 is no limit. People whose address does not stand in this flow are those whom mails bring in.',
    titles: { testTo: 'Test mode: send everything to', allow: 'May write to these only', approveFirst: 'First mails to be looked at', perHour: 'Mails an hour, all together', strangersPerHour: 'Mails an hour to people it does not name', perStrangerHour: 'Mails an hour to one of them', perStrangerDay: 'Mails a day to one of them' },
    testToSay: 'Nobody else gets anything while an address stands here. The mail says whom it was for.', allowSay: 'An address, a domain or all below one, each on a line. Empty: anybody. Another recipient fails the run.',
    approveFirstSay: 'So many mails of each new version wait in the outbox until somebody lets them go.', usual: (value: number) => (value === 0 ? 'no limit' : String(value)), badNumber: 'A whole number that is not too large',
    summary: ({ testTo, allow, approveFirst = 0, ...budgets }: { readonly testTo?: string | undefined; readonly allow?: readonly string[] | undefined; readonly approveFirst?: number | undefined }) =>
      [testTo ? 'test mode' : '', allow && allow.length > 0 ? 'allow-list' : '', approveFirst > 0 ? 'first look' : '', Object.keys(budgets).length > 0 ? 'own limits' : ''].filter((part) => part !== '').join(', ') || 'as usual',
  },
  conflict: {
    title: 'This flow was changed elsewhere', say: 'Someone else, or a program that edits the file, saved this flow while you were working on it. Only one of the two can stay.',
    theirs: 'Take the saved one', theirsSay: 'Your changes since the last save go away', mine: 'Keep mine', mineSay: 'Overwrites what was saved meanwhile', differs: 'What differs in yours:',
  },
  deploy: {
    title: (version: number) => `Deploy version ${version}`, startTitle: (version: number) => `Start version ${version}`, first: 'The first version of this flow:', changes: 'This goes live:', same: (version: number) => `Nothing differs from version ${version}; it starts again.`,
    blocked: (count: number) => `${counted(count, 'thing is', 'things are')} missing before this can run`, warnings: 'Worth a look, but no obstacle:', show: 'Show', inFlight: 'Runs on their way end on the version they began with.',
    added: 'new', changed: 'changed', removed: 'gone', cancel: 'Cancel', loading: 'the running version', flowWide: 'The flow',
  },
  start: {
    title: (name: string) => `Where “${name}” starts`, goesOn: 'where it stopped', now: 'with mail that arrives from now on', unseen: 'with what is unread now',
    all: 'with all mail that is there', allUnread: 'with all unread mail, also what is marked unread later', since: 'with mail since a day', sinceDay: 'Since',
    many: (words: string, count: number) => `${words} (${count.toLocaleString('en-GB')})`, mailbox: (connection: string, folder: string) => `${connection}, ${folder}`,
    asking: 'Asking how much is there…', unknown: (why: string) => `Can't be asked right now how much is there: ${why}`, partly: (say: string, missing: number) => `${say} ${counted(missing, 'mailbox', 'mailboxes')} can't be asked and may add to that.`,
    stays: (count: number) => (count === 0 ? 'There is no mail yet.' : count === 1 ? '1 mail is there and stays as it is.' : `${count.toLocaleString('en-GB')} mails are there and stay as they are.`),
    runs: (count: number) => (count === 0 ? 'No mail of that kind is there now.' : `${count.toLocaleString('en-GB')} ${plural(count, 'mail runs', 'mails run')} as soon as it starts.`),
    came: (count: number | null) => (count === null ? 'It goes on where it stopped.' : count === 0 ? 'It goes on where it stopped; no mail has come since.' : `It goes on where it stopped: ${count.toLocaleString('en-GB')} ${plural(count, 'mail has come since and runs', 'mails have come since and run')} as soon as it starts.`),
  },
  delivery: {
    title: 'Whether this mail will be trusted',
    unanswered: (domain: string) => `No name server answered about ${domain}, so nothing is known of how its mail is received.`,
  },
  versions: {
    loading: 'the versions', none: 'Not deployed yet', noneSay: 'Each deploy keeps a numbered version here, which you can compare and take back.', version: (version: number) => `Version ${version}`, running: 'Running',
    first: 'The first version', same: 'No change', back: 'Take back into the draft', backSay: 'Puts this version on the canvas; nothing runs until you deploy it.',
  },
  mails: {
    day: (count: number) => `${counted(count, 'mail', 'mails')} in the last 24 hours`, week: (count: number) => `${counted(count, 'mail', 'mails')} in the last 7 days`,
    hourBar: (count: number, ago: number) => `${counted(count, 'mail', 'mails')} ${ago === 0 ? 'in this hour' : `${ago} h ago`}`,
    dayBar: (count: number, ago: number) => `${counted(count, 'mail', 'mails')} ${ago === 0 ? 'in the last 24 hours' : `${counted(ago, 'day', 'days')} before`}`,
  },
  trying: {
    title: 'Tried on a real mail', titleExample: 'Tried on an example', running: 'Trying…', start: 'Begin at', example: 'With an example of what may happen to a mailbox.', lastMail: 'With the flow’s last mail, or one that waits.', nothing: 'Nothing was sent and nothing was stored.', would: 'This would be sent', none: 'No mail would be sent.', inMailbox: 'In the mailbox', failed: 'It would fail', from: 'From', to: 'To', subject: 'Subject',
    noSubject: '(no subject)', files: 'Attachments', close: 'Close', noText: '(no text)',
  },
  canvas: {
    label: 'The flow as a drawing', zoomIn: 'Zoom in', zoomOut: 'Zoom out', fit: 'Fit', fitHint: 'Show the whole flow', tidy: 'Tidy', tidyHint: 'Line the steps up', zoom: (percent: number) => `${percent} %`, full: 'Back to 100 %', map: 'Overview',
    empty: 'Every flow starts with a mailbox', emptySay: 'Its new mail goes through the steps you put behind it, from left to right.', emptyAdd: 'Add “Receive email”',
    next: 'Next step', addNext: (name: string) => `Add a step after ${name}`, insert: (from: string, to: string) => `Put a step between ${from} and ${to}`,
    today: (count: number) => `${count} today`, sent: (count: number) => `${count} sent`, did: (count: number) => `${count} done`, failedHere: (count: number) => `${count} failed`, toFix: (count: number) => `${count} to fix`, toCheck: (count: number) => `${count} to check`,
    line: (from: string, to: string, count: number) => `Line from ${from} to ${to}${count > 0 ? `, ${counted(count, 'mail', 'mails')} today` : ''}`,
    node: (name: string, subtitle: string, problems: number) => `${name}, ${subtitle}${problems > 0 ? `, ${counted(problems, 'problem', 'problems')}` : ''}. Enter for its settings, arrow keys to move it.`,
    hours: 'Last 24 h', hoursSay: (runs: number, failed: number) => `${counted(runs, 'run', 'runs')} today${failed > 0 ? `, ${failed} failed` : ''}`, noRuns: 'no mail today',
  },
  palette: {
    label: 'Steps to add', add: 'Add a step', families: { receive: 'Start', map: 'Map', send: 'Send', mailbox: 'Mailbox', logic: 'Logic' },
    drag: (title: string) => `${title}: click, or drag onto the canvas`,
  },
  inspector: {
    label: 'Settings of the chosen step', settings: 'Settings', lastMail: 'Last mail', lastSent: 'Last sent', notes: 'Notes', more: 'More', asUsual: 'as usual', off: (title: string) => `${title} off`, mapped: (title: string) => `${title} mapped`, name: 'Name on the card', notesLabel: 'Notes', notesHint: 'For whoever works on this flow next. Notes never run.',
    wider: 'Wider', narrower: 'Narrower', remove: 'Delete step', duplicate: 'Duplicate', next: 'Then', noNext: 'nothing, it ends here', addNextTo: 'Add where it goes on', unlink: (name: string) => `No longer on to ${name}`,
    many: (count: number) => `${count} steps chosen`, manySay: 'Move them together, copy them with Ctrl+C, or:', edge: 'Line', edgeSay: (from: string, to: string) => `From ${from} to ${to}`, edgeRemove: 'Take the line away',
    flow: 'This flow', flowSay: 'Choose a step to see its settings.', ready: 'Everything is in place.', readyDeploy: 'It can be deployed.', toFix: 'To fix before it can run', toCheck: 'Worth a look', steps: 'Steps', file: 'File', lastProblem: 'Last problem',
    saidBy: (name: string) => `filled by ${name}`, ofMail: (field: string) => (field === 'cc' ? 'the others come from the mail; more here' : 'filled from the mail'), mappedWins: 'what is typed here is used when that is empty', formWins: 'what is typed here wins',
    noSent: 'Nothing sent yet', noSentSay: 'The last mail this step sent will stand here.', noMail: 'No mail yet', noMailSay: 'The last mail of this mailbox will stand here.', sample: 'the last mail',
    unreadable: 'The flow file can\'t be read', unreadableSay: 'Repair the file by hand, or delete the flow. As soon as the file is in order, the canvas comes back.',
    looksOnly: 'It only looks: nothing in the mailbox changes, not even what is unread.', changesOnce: 'Mails are sent only when all steps like this one are done. A mail that is no longer there stops nothing.',
    sendsAfter: 'Mails are sent only when all steps like this one are done.',
    once: 'Each mail runs once, also after a restart. What happens to the mail in the mailbox comes last.', kept: 'The mail is written down before it is sent, so a crash loses none.',
    eventOnce: 'Each event runs once and is kept in the history like a mail. Of one mailbox each kind of event is told once an hour at most. What the program could not send before its end goes out at its next start.',
    waiting: (count: number) => (count === 0 ? 'No unread mail is waiting there.' : `${counted(count, 'unread mail is', 'unread mails are')} waiting there.`),
    watching: { idle: 'watching', connected: 'watching', polling: 'looking', 'backing-off': 'trying again soon', 'needs-attention': 'needs you', deaf: 'not heard from', paused: 'paused', stopped: 'not watching' },
    lastMailAt: (at: string) => `last mail ${at}`,
  },
  field: {
    pace: {
      atOnce: 'at once', after: 'some time later…', at: 'at a time of day…', howLong: 'How much later', time: 'Time',
      units: { seconds: 'seconds', minutes: 'minutes', hours: 'hours', days: 'days' },
      quiet: 'Keep quiet hours', quietSay: 'What comes up then waits and goes when they end.', from: 'Nothing from', to: 'until', days: 'Only on',
      dayNames: { sun: 'Sun', mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat' },
    },
    seconds: 'seconds', minutes: 'minutes', hours: 'hours', unit: 'Unit', mails: 'mails', all: 'all of them',
    onArrival: 'as mail arrives', ownTimes: 'at other times…', onArrivalSay: 'As soon as the server tells of it, and by the interval below.', onlyThen: 'Looks at these times only.', cron: 'Times', cronSay: 'Minute, hour, day, month, weekday, as in a crontab: 30 7 * * 1-5 is 7:30 on weekdays.', timeZone: 'Time zone',
    nextTimes: (times: string) => `Next: ${times}.`,
    startNow: 'mail that arrives from now on', startUnseen: 'unread mail that is there', startUnseenSay: 'What is unread now runs once, then all that arrives. What has been read stays as it is.', startAll: 'all mail that is there', startDate: 'mail since a day', since: 'Since', stay: 'Mail that is there already stays as it is.', startAllWarn: 'Every mail in the folder runs once.', startDateSay: 'Mail that arrived on or after that day runs once.',
    after: { leave: 'leave as it is', 'mark-seen': 'mark as read', flag: 'flag', move: 'move to…', copy: 'copy to…', delete: 'delete' }, folder: 'Folder', folderMade: 'A folder that is not there is made.', asKeyword: 'With the keyword', flagAlone: 'none, a plain flag', everyFolder: 'every one', addMailbox: 'Add a mailbox', mailbox: (number: number) => `Mailbox ${number}`, removeMailbox: (number: number) => `Remove mailbox ${number}`, afterDays: 'After days',
    insertInto: (title: string) => `Insert a field into “${title}”`,
    search: {
      unseen: 'Unread', flagged: 'Flagged', from: 'From', to: 'To', subject: 'Subject has', unfinished: 'not finished', matches: (count: number, unread: boolean, folder: string) => (count === 0 ? `No ${unread ? 'unread ' : ''}mail in ${folder} matches now.` : `${counted(count, unread ? 'unread mail' : 'mail', unread ? 'unread mails' : 'mails')} in ${folder} ${count === 1 ? 'matches' : 'match'} now.`), counting: 'Counting what matches…', uncounted: (say: string) => `What matches can't be counted: ${say}`, again: 'Try again', noSubject: '(no subject)', since: 'Mail since the flow’s start counts, also what matches only later; none runs twice.', anything: 'anything', received: 'Received', anyTime: 'at any time', lastDays: 'in the last days', sinceDay: 'since a day', days: 'Last', daysUnit: 'days',
      more: 'Keyword, size, header', keyword: 'Keyword', larger: 'Larger than', header: 'Header', headerHas: 'has',
    },
    header: { name: (number: number) => `Name of header ${number}`, value: (number: number) => `Value of header ${number}`, valueHint: 'what it says', remove: (number: number) => `Remove header ${number}`, add: 'Add a header' },
    first: 'First again after', growth: 'Then each time longer by', longest: 'At most every', giveUp: 'Give up after', times: '×', probeIn: 'Mailbox', sentFolder: 'the sent mail', sameAccount: (name: string) => `Use ${name}, the same account`,
    keepsSent: (provider: string) => `${provider} keeps a copy of every sent mail itself, so there would be two. Choose "the mail server keeps one itself".`,
    probeFor: 'Not found for this long, it was not sent',
    mailOfRun: 'the one that started the run', fetchedBy: (name: string) => `the one that “${name}” fetches`, unknownStep: (id: string) => `${id} (no such step in front)`,
  },
  undo: {
    add: (title: string) => `add ${title}`, connect: (from: string, to: string) => `connect ${from} to ${to}`, disconnect: 'take a line away', move: (count: number) => `move ${steps(count)}`, tidy: 'tidy up',
    remove: (nodes: number, edges: number) => (nodes === 0 ? `take ${edges === 1 ? 'a line' : `${edges} lines`} away` : `delete ${steps(nodes)}`),
    duplicate: 'duplicate', paste: 'paste', setting: (name: string) => `change ${name}`, name: 'rename a step', notes: 'change notes', rename: 'rename the flow', restore: (version: number) => `take version ${version} back`,
  },
}
