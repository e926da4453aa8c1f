/** Pieces of HTML out of which hostile mails are put together at random. */
export const hostilePieces: readonly string[] = [
  '<p>', '</p>', '<div>', '</div>', '<blockquote>', '</blockquote>', '<table>', '</table>', '<tr>', '</tr>', '<td>', '</td>', '<th>', '<tbody>', '</tbody>', '<caption>', '</caption>', '<colgroup>', '<col>', '<ul>', '</ul>', '<li>', '</li>', '<dl>', '<dt>', '<dd>', '</dl>',
  '<b>', '</b>', '<i>', '</i>', '<a href="https://x.org">', '</a>', '<a href="javascript:x">', '<font color=red>', '</font>', '<span style="color:red;position:fixed">', '</span>', '<h1>', '</h1>', '<h2>', '</h2>', '<center>', '</center>', '<pre>', '</pre>', '<hr>', '<br>', '</br>',
  '<img src="cid:a@x">', '<img src="https://x.org/t.gif" alt="a">', '<img src=x onerror=x>', '<script>', '</script>', '<style>', '</style>', '<svg>', '</svg>', '<math>', '<form>', '</form>', '<select>', '</select>', '<option>', '<button>', '</button>', '<body bgcolor=red>', '</body>', '</html>', '<html>', '<head>', '</head>',
  '<!--', '-->', '<![CDATA[', ']]>', '<template>', '</template>', '<frameset>', '<plaintext>', '<textarea>', '</textarea>', '<iframe>', '</iframe>', '<nobr>', '<marquee>', '</marquee>', '<object>', '</object>', '"', '\'', '<', '>', '&lt;', '&', ' text ', '\n', '<p title="', '<o:p>', '</o:p>', '<section>', '</section>',
]
