/* A window that shows a picture and says what is done to it.
 *
 *   canvas TITLE FILE X Y      FILE: width and height as 32-bit numbers, then rows of BGRX
 */
#include <windows.h>
#include <stdio.h>

static unsigned char *pixels;
static BITMAPINFO info;

static LRESULT CALLBACK answer(HWND window, UINT message, WPARAM first, LPARAM second) {
    switch (message) {
    case WM_PAINT: {
        PAINTSTRUCT paint;
        HDC on = BeginPaint(window, &paint);
        int width = info.bmiHeader.biWidth, height = -info.bmiHeader.biHeight;
        SetDIBitsToDevice(on, 0, 0, width, height, 0, 0, 0, height, pixels, &info, DIB_RGB_COLORS);
        EndPaint(window, &paint);
        return 0;
    }
    case WM_LBUTTONDOWN: printf("press 1 %d %d\n", (short)LOWORD(second), (short)HIWORD(second)); break;
    case WM_RBUTTONDOWN: printf("press 3 %d %d\n", (short)LOWORD(second), (short)HIWORD(second)); break;
    case WM_LBUTTONUP: printf("release 1\n"); break;
    case WM_RBUTTONUP: printf("release 3\n"); break;
    case WM_MOUSEWHEEL: printf("wheel %d\n", (short)HIWORD(first)); break;
    case WM_CHAR: printf("char %04X\n", (unsigned)first); break;
    case WM_KEYDOWN: case WM_SYSKEYDOWN:
        printf("down %02X %02X%s\n", (unsigned)first, (unsigned)(second >> 16) & 0xFF, second & 1 << 24 ? " extended" : "");
        break;
    case WM_KEYUP: case WM_SYSKEYUP:
        printf("up %02X %02X%s\n", (unsigned)first, (unsigned)(second >> 16) & 0xFF, second & 1 << 24 ? " extended" : "");
        break;
    case WM_DESTROY: PostQuitMessage(0); return 0;
    default: return DefWindowProcW(window, message, first, second);
    }
    fflush(stdout);
    return message == WM_SYSKEYDOWN || message == WM_SYSKEYUP ? DefWindowProcW(window, message, first, second) : 0;
}

int wmain(int count, wchar_t **words) {
    if (count != 5) return 2;
    FILE *file = _wfopen(words[2], L"rb");
    unsigned size[2];
    if (!file || fread(size, 4, 2, file) != 2) return 3;
    pixels = malloc((size_t)size[0] * size[1] * 4);
    if (fread(pixels, 4, (size_t)size[0] * size[1], file) != (size_t)size[0] * size[1]) return 3;
    fclose(file);
    info.bmiHeader = (BITMAPINFOHEADER){sizeof info.bmiHeader, (int)size[0], -(int)size[1], 1, 32, BI_RGB};
    WNDCLASSW class = {.lpfnWndProc = answer, .hInstance = GetModuleHandleW(NULL),
                       .hCursor = LoadCursorW(NULL, IDC_ARROW), .lpszClassName = L"Canvas"};
    RegisterClassW(&class);
    DWORD style = WS_OVERLAPPED | WS_CAPTION | WS_SYSMENU;
    RECT whole = {0, 0, (int)size[0], (int)size[1]};
    AdjustWindowRect(&whole, style, FALSE);
    HWND window = CreateWindowW(class.lpszClassName, words[1], style, _wtoi(words[3]), _wtoi(words[4]),
                                whole.right - whole.left, whole.bottom - whole.top, NULL, NULL, class.hInstance, NULL);
    ShowWindow(window, SW_SHOWNORMAL);
    UpdateWindow(window);
    printf("ready\n");
    fflush(stdout);
    MSG message;
    while (GetMessageW(&message, NULL, 0, 0) > 0) {
        TranslateMessage(&message);
        DispatchMessageW(&message);
    }
    return 0;
}
