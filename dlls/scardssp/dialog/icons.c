/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The icons of the list of readers. They are drawn in the size that the system has for small icons, which grows with
 * the resolution of the display, where bitmaps of a fixed size would have to be scaled.
 */

#include "icons.h"
#include "wingdi.h"

#define GRID        16                          /* the drawings' coordinates */
#define TRANSPARENT_COLOUR RGB(255, 0, 255)

#define DARK        RGB(70, 78, 90)
#define LIGHT       RGB(150, 158, 170)
#define CARD_GREY   RGB(214, 218, 224)
#define CARD_BLUE   RGB(64, 132, 214)
#define GOLD        RGB(240, 190, 60)
#define GREEN       RGB(40, 160, 70)
#define RED         RGB(210, 50, 45)

enum shape
{
    SHAPE_RECTANGLE,
    SHAPE_ELLIPSE
};

struct part
{
    unsigned int icons;                         /* a bit for each enum reader_icon that has it */
    enum shape shape;
    BYTE left, top, right, bottom;              /* in the grid */
    COLORREF colour;
};

#define ICON(icon)  (1u << (icon))
#define WITH_CARD   (ICON(ICON_CARD) | ICON(ICON_MATCH) | ICON(ICON_PROBLEM))
#define IN_ALL      (WITH_CARD | ICON(ICON_EMPTY))

/* From the back to the front: a card above a reader that it is put into, and a sign. */
static const struct part parts[] =
{
    { ICON(ICON_CARD) | ICON(ICON_PROBLEM), SHAPE_RECTANGLE, 3, 0, 13, 11, DARK },
    { ICON(ICON_CARD) | ICON(ICON_PROBLEM), SHAPE_RECTANGLE, 4, 1, 12, 11, CARD_GREY },
    { ICON(ICON_MATCH),                   SHAPE_RECTANGLE, 3, 0, 13, 11, DARK },
    { ICON(ICON_MATCH),                   SHAPE_RECTANGLE, 4, 1, 12, 11, CARD_BLUE },
    { WITH_CARD,                        SHAPE_RECTANGLE, 5, 3, 9, 7, GOLD },
    { IN_ALL,                           SHAPE_RECTANGLE, 1, 9, 15, 16, DARK },
    { IN_ALL,                           SHAPE_RECTANGLE, 2, 10, 14, 15, LIGHT },
    { IN_ALL,                           SHAPE_RECTANGLE, 3, 11, 13, 12, DARK },
    { ICON(ICON_MATCH),                   SHAPE_ELLIPSE, 9, 9, 16, 16, GREEN },
    { ICON(ICON_PROBLEM),                 SHAPE_ELLIPSE, 9, 9, 16, 16, RED },
};

static void draw_part(HDC dc, const struct part *part, int size)
{
    RECT rect = { part->left * size / GRID, part->top * size / GRID, part->right * size / GRID,
            part->bottom * size / GRID };
    HBRUSH brush = CreateSolidBrush(part->colour);
    HGDIOBJ old_brush, old_pen;

    if (part->shape == SHAPE_RECTANGLE)
        FillRect(dc, &rect, brush);
    else
    {
        old_brush = SelectObject(dc, brush);
        old_pen = SelectObject(dc, GetStockObject(WHITE_PEN));
        Ellipse(dc, rect.left, rect.top, rect.right, rect.bottom);
        SelectObject(dc, old_pen);
        SelectObject(dc, old_brush);
    }
    DeleteObject(brush);
}

static void draw_icon(HDC dc, enum reader_icon icon, int size)
{
    const struct part background = { 0, SHAPE_RECTANGLE, 0, 0, GRID, GRID, TRANSPARENT_COLOUR };
    unsigned int i;

    draw_part(dc, &background, size);
    for (i = 0; i < ARRAY_SIZE(parts); i++)
    {
        if (parts[i].icons & ICON(icon))
            draw_part(dc, &parts[i], size);
    }
}

HIMAGELIST create_reader_icons(const struct controls *controls)
{
    int size = GetSystemMetrics(SM_CXSMICON), icon;
    HIMAGELIST icons = controls->ImageList_Create(size, size, ILC_COLOR24 | ILC_MASK, ICON_COUNT, 0);
    HDC screen = GetDC(NULL), dc = CreateCompatibleDC(screen);
    HBITMAP bitmap = CreateCompatibleBitmap(screen, size, size);
    HGDIOBJ old;

    for (icon = 0; icons && bitmap && icon < ICON_COUNT; icon++)
    {
        old = SelectObject(dc, bitmap);
        draw_icon(dc, icon, size);
        SelectObject(dc, old);
        controls->ImageList_AddMasked(icons, bitmap, TRANSPARENT_COLOUR);
    }
    DeleteObject(bitmap);
    DeleteDC(dc);
    ReleaseDC(NULL, screen);
    return icons;
}
