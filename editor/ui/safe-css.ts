/**
 * The styles of a mail without anything that fetches: the browser's own parser reads them, so that no escape or odd
 * spelling hides an address, and what names one is taken out and counted.
 */

/** Functions of CSS that load; the parser writes them out in this one way (CSS Images 4, CSS Values 5). */
const loads = /\b(?:url|src|image|image-set|-webkit-image-set|cross-fade|-webkit-cross-fade|element)\(/i

/** Takes what loads out of one block; returns how much of it there was. Pictures that lie in the mail itself stay. */
export function cleanStyle(style: CSSStyleDeclaration): number {
  let taken = 0
  for (const name of Array.from(style)) {
    const value = style.getPropertyValue(name)
    // Own properties are kept by the parser as they were typed, so they could hold anything.
    if (!name.startsWith('--') && !loads.test(value.replace(/url\("data:image\/[^"]*"\)/gi, ''))) continue
    style.removeProperty(name)
    if (!name.startsWith('--')) taken += 1
  }
  return taken
}

/** The text of a style element, made anew of the rules that can only paint. */
export function cleanSheet(css: string): { readonly css: string; readonly taken: number } {
  const sheet = new CSSStyleSheet()
  // A sheet made this way knows no @import at all.
  sheet.replaceSync(css)
  const { text, taken } = cleanRules(sheet.cssRules)
  // Set back into the page as raw text, where "</style" inside a string would end the element.
  return { css: text.replaceAll('<', '\\3c '), taken }
}

function cleanRules(rules: CSSRuleList): { readonly text: string; readonly taken: number } {
  let taken = 0
  const kept = Array.from(rules).flatMap((rule) => {
    if (rule instanceof CSSStyleRule) {
      taken += cleanStyle(rule.style)
      return [`${rule.selectorText}{${rule.style.cssText}}`]
    }
    if (!(rule instanceof CSSMediaRule)) return []
    const inside = cleanRules(rule.cssRules)
    taken += inside.taken
    return [`@media ${rule.media.mediaText}{${inside.text}}`]
  })
  return { text: kept.join('\n'), taken }
}
