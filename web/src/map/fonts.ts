// Fonts of the map's labels. MapLibre draws glyphs from the page's fonts, which have to be there first.

/** Family names as in fonts.css; MapLibre falls through them per character. */
export const LABEL_FONT = ['Noto Sans', 'Noto Sans Arabic', 'sans-serif']
export const PLACE_FONT = ['Noto Sans SemiBold', 'Noto Sans', 'Noto Sans Arabic', 'sans-serif']

const SAMPLES: Record<string, string> = { ru: 'Жж', ar: 'شعب' }

/** Load what `language` and `texts` need; resolves also when a file is missing, for then the system's font serves. */
export async function loadFonts(language: string, texts: string[] = []): Promise<void> {
  const sample = `A${SAMPLES[language.split('-')[0] ?? ''] ?? ''}${texts.join('')}`
  const fonts = ['400 24px "Noto Sans"', '600 24px "Noto Sans SemiBold"', '400 24px "Noto Sans Arabic"']
  await Promise.allSettled(fonts.map(font => document.fonts.load(font, sample)))
}
