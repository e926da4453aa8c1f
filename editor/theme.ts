/** The component kit's settings: our tokens as its variables, our sizes as its defaults. */
import {
  ActionIcon, Autocomplete, Button, createTheme, Drawer, Input, Menu, Modal, NativeSelect, NumberInput, Popover, Select, Switch, Textarea, TextInput,
  Tooltip, type CSSVariablesResolver, type MantineColorsTuple,
} from '@mantine/core'
import { ChevronDown } from 'lucide-react'
import { createElement } from 'react'
import { texts } from './texts.ts'

/** The kit wants ten shades; the one that is used for fills is the seventh. */
const accent: MantineColorsTuple = ['#e9effd', '#cfdcfa', '#a9bff5', '#7f9ff0', '#5a82ea', '#3f6ce3', '#2456d6', '#1d49ba', '#173c9b', '#112f7c']
const red: MantineColorsTuple = ['#fbe6e4', '#f6ccc9', '#eda6a1', '#e37f78', '#d95c54', '#cd4139', '#c0322b', '#a52822', '#88201b', '#6b1814']

const inputVars = () => ({ wrapper: { '--input-height': '34px', '--input-fz': '13px', '--input-radius': '8px', '--input-padding': '10px' } })
const motion = { transitionProps: { duration: 120 } }
const closing = { closeButtonProps: { 'aria-label': texts.close } }

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: 6,
  colors: { accent, red },
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '11px', sm: '12px', md: '13px', lg: '15px', xl: '18px' },
  spacing: { xs: '6px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Input: Input.extend({ vars: inputVars }),
    TextInput: TextInput.extend({ defaultProps: { size: 'sm' } }),
    NumberInput: NumberInput.extend({ defaultProps: { size: 'sm' } }),
    Textarea: Textarea.extend({ defaultProps: { size: 'sm', autosize: true, minRows: 3, maxRows: 14 } }),
    Select: Select.extend({ defaultProps: { size: 'sm', allowDeselect: false, rightSection: createElement(ChevronDown, { size: 14 }), comboboxProps: { ...motion, offset: 4 } } }),
    Autocomplete: Autocomplete.extend({ defaultProps: { size: 'sm', comboboxProps: { ...motion, offset: 4 } } }),
    NativeSelect: NativeSelect.extend({ defaultProps: { size: 'sm' } }),
    Button: Button.extend({
      defaultProps: { size: 'sm' },
      vars: (_, { size }) => ({ root: String(size).startsWith('compact')
        ? { '--button-height': '26px', '--button-padding-x': '8px', '--button-fz': '12.5px', '--button-radius': '7px' }
        : { '--button-height': '32px', '--button-padding-x': '12px', '--button-fz': '13px', '--button-radius': '8px' } }),
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 30, radius: 8 } }),
    Switch: Switch.extend({ defaultProps: { size: 'sm', withThumbIndicator: false } }),
    Modal: Modal.extend({ defaultProps: { centered: true, ...motion, ...closing, overlayProps: { backgroundOpacity: 0.28 } } }),
    Drawer: Drawer.extend({ defaultProps: { position: 'right', ...motion, ...closing, overlayProps: { backgroundOpacity: 0.28 } } }),
    Menu: Menu.extend({ defaultProps: { ...motion, position: 'bottom-start', offset: 4 } }),
    Popover: Popover.extend({ defaultProps: { ...motion } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, ...motion, withArrow: false, offset: 6 } }),
  },
})

const shared = {
  '--mantine-color-body': 'var(--panel)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink2)',
  '--mantine-color-placeholder': 'var(--ink3)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-error': 'var(--bad)',
  '--mantine-color-default': 'var(--panel)',
  '--mantine-color-default-hover': 'var(--bg)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--line2)',
  '--mantine-color-gray-light-hover': 'var(--bg)',
  '--mantine-color-gray-light-color': 'var(--ink2)',
  '--mantine-color-accent-filled': 'var(--accent-fill)',
  '--mantine-color-accent-light': 'var(--accent-soft)',
  '--mantine-color-accent-light-hover': 'var(--accent-soft)',
  '--mantine-color-accent-light-color': 'var(--accent)',
  '--mantine-color-accent-outline': 'var(--accent)',
  '--mantine-primary-color-filled': 'var(--accent-fill)',
  '--mantine-primary-color-light-color': 'var(--accent)',
  '--mantine-color-red-light': 'var(--bad-soft)',
  '--mantine-color-red-light-color': 'var(--bad)',
  '--mantine-color-red-outline': 'var(--bad)',
}
// The schemes differ in the tokens, not here; the kit still wants both named.
export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared })
