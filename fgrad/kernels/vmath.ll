; Written by `python -m fgrad.kernels.generate`; do not edit. Numba 0.68.1, llvmlite 0.50.0, LLVM 22.1.0, x86_64.

define linkonce_odr float @fgrad.arccos.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fcmp ole float %2, 5.000000e-01
  %4 = fmul float %0, %0
  %5 = call float @llvm.fmuladd.f32(float %2, float -5.000000e-01, float 5.000000e-01)
  %6 = select i1 %3, float %4, float %5
  %7 = call float @llvm.sqrt.f32(float %6)
  %8 = select i1 %3, float %2, float %7
  %9 = fmul float %6, %8
  %10 = call float @llvm.fmuladd.f32(float %6, float 0x3FB3302480000000, float 0x3FC5555C60000000)
  %11 = call float @llvm.fmuladd.f32(float %6, float 0x3F98C4C800000000, float 0x3FA7478460000000)
  %12 = fmul float %6, %6
  %13 = call float @llvm.fmuladd.f32(float %11, float %12, float %10)
  %14 = fmul float %12, %12
  %15 = call float @llvm.fmuladd.f32(float %14, float 0x3FA595C000000000, float %13)
  %16 = fmul float %9, %15
  %17 = fadd float %8, %8
  %18 = fadd float %16, %16
  %19 = fadd float %17, %18
  %20 = call float @llvm.copysign.f32(float %8, float %0)
  %21 = call float @llvm.copysign.f32(float %16, float %0)
  %22 = fsub float 0xBE6777A5C0000000, %21
  %23 = fsub float %22, %20
  %24 = fadd float %23, 0x3FF921FB60000000
  %25 = fcmp olt float %0, 0.000000e+00
  %26 = fadd float %19, 0x3E7777A5C0000000
  %27 = fsub float 0x400921FB60000000, %26
  %28 = select i1 %25, float %27, float %19
  %29 = select i1 %3, float %24, float %28
  ret float %29
}

define linkonce_odr double @fgrad.arccos.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fcmp ole double %2, 5.000000e-01
  %4 = fmul double %0, %0
  %5 = call double @llvm.fmuladd.f64(double %2, double -5.000000e-01, double 5.000000e-01)
  %6 = select i1 %3, double %4, double %5
  %7 = call double @llvm.sqrt.f64(double %6)
  %8 = select i1 %3, double %2, double %7
  %9 = fmul double %6, %8
  %10 = call double @llvm.fmuladd.f64(double %6, double 0x3FB333333336750A, double 0x3FC55555555553E6)
  %11 = call double @llvm.fmuladd.f64(double %6, double 0x3F9F1C72B44206DB, double 0x3FA6DB6DB461B010)
  %12 = call double @llvm.fmuladd.f64(double %6, double 0x3F91C6AE6AC77EA8, double 0x3F96E8A0795224E6)
  %13 = call double @llvm.fmuladd.f64(double %6, double 0x3F88E60856E457A4, double 0x3F8C70EB1CEC4092)
  %14 = call double @llvm.fmuladd.f64(double %6, double 0x3F93E1F0414FEBBC, double 0x3F7AEC8EC2C786DC)
  %15 = call double @llvm.fmuladd.f64(double %6, double 0x3FA049C4962B704F, double 0xBF907366BC8685ED)
  %16 = fmul double %6, %6
  %17 = call double @llvm.fmuladd.f64(double %11, double %16, double %10)
  %18 = call double @llvm.fmuladd.f64(double %13, double %16, double %12)
  %19 = call double @llvm.fmuladd.f64(double %15, double %16, double %14)
  %20 = fmul double %16, %16
  %21 = call double @llvm.fmuladd.f64(double %18, double %20, double %17)
  %22 = fmul double %20, %20
  %23 = call double @llvm.fmuladd.f64(double %19, double %22, double %21)
  %24 = fmul double %9, %23
  %25 = fadd double %8, %8
  %26 = fadd double %24, %24
  %27 = fadd double %25, %26
  %28 = call double @llvm.copysign.f64(double %8, double %0)
  %29 = call double @llvm.copysign.f64(double %24, double %0)
  %30 = fsub double 0x3C91A62633145C07, %29
  %31 = fsub double %30, %28
  %32 = fadd double %31, 0x3FF921FB54442D18
  %33 = fcmp olt double %0, 0.000000e+00
  %34 = fadd double %27, 0xBCA1A62633145C07
  %35 = fsub double 0x400921FB54442D18, %34
  %36 = select i1 %33, double %35, double %27
  %37 = select i1 %3, double %32, double %36
  ret double %37
}

define linkonce_odr float @fgrad.arccosh.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp ogt float %0, 1.638400e+04
  %3 = fadd float %0, -1.000000e+00
  %4 = select i1 %2, float 1.000000e+00, float %3
  %5 = fadd float %4, 2.000000e+00
  %6 = fsub float %5, %4
  %7 = fsub float %6, %5
  %8 = fadd float %4, %7
  %9 = fsub float 2.000000e+00, %6
  %10 = fadd float %9, %8
  %11 = fmul float %4, %5
  %12 = call float @llvm.sqrt.f32(float %11)
  %13 = fneg float %12
  %14 = call float @llvm.fma.f32(float %13, float %12, float %11)
  %15 = fneg float %11
  %16 = call float @llvm.fma.f32(float %4, float %5, float %15)
  %17 = fadd float %16, %14
  %18 = fmul float %4, %10
  %19 = fadd float %17, %18
  %20 = fcmp ogt float %11, 0.000000e+00
  %21 = fdiv float 5.000000e-01, %12
  %22 = select i1 %20, float %21, float 5.000000e-01
  %23 = fmul float %22, %19
  %24 = fadd float %4, %12
  %25 = fsub float %24, %4
  %26 = fsub float %25, %24
  %27 = fadd float %4, %26
  %28 = fsub float %12, %25
  %29 = fadd float %28, %27
  %30 = fadd float %24, 1.000000e+00
  %31 = select i1 %2, float %0, float %30
  %32 = bitcast float %31 to i32
  %33 = add i32 %32, 4913933
  %34 = lshr i32 %33, 23
  %35 = or i32 %34, 1258291200
  %36 = bitcast i32 %35 to float
  %37 = fadd float %36, 0xC160000FE0000000
  %38 = fadd float %30, -1.000000e+00
  %39 = fsub float %38, %30
  %40 = fadd float %39, 1.000000e+00
  %41 = fsub float %24, %38
  %42 = fadd float %41, %40
  %43 = fadd float %29, %23
  %44 = fadd float %42, %43
  %45 = select i1 %2, float 0.000000e+00, float %44
  %46 = and i32 %33, -8388608
  %47 = sub i32 2139095040, %46
  %48 = bitcast i32 %47 to float
  %49 = fmul float %45, %48
  %50 = add i32 %32, 1065353216
  %51 = sub i32 %50, %46
  %52 = bitcast i32 %51 to float
  %53 = fadd float %52, -1.000000e+00
  %54 = call float @llvm.fmuladd.f32(float %49, float 5.000000e-01, float %53)
  %55 = fmul float %54, 5.000000e-01
  %56 = fmul float %54, %55
  %57 = fadd float %54, 2.000000e+00
  %58 = fdiv float %54, %57
  %59 = fmul float %58, %58
  %60 = call float @llvm.fmuladd.f32(float %59, float 0x3FCE257D80000000, float 0x3FD243D9E0000000)
  %61 = fmul float %59, %59
  %62 = call float @llvm.fmuladd.f32(float %59, float 0x3FD999A640000000, float 0x3FE5555560000000)
  %63 = call float @llvm.fmuladd.f32(float %60, float %61, float %62)
  %64 = call float @llvm.fmuladd.f32(float %59, float %63, float %56)
  %65 = fmul float %58, %64
  %66 = call float @llvm.fmuladd.f32(float %37, float 0xBF2BD01060000000, float %65)
  %67 = fsub float %56, %66
  %68 = fsub float %54, %67
  %69 = call float @llvm.fmuladd.f32(float %37, float 0x3FE6300000000000, float %68)
  %70 = select i1 %2, float 0x3FE62E4300000000, float 0.000000e+00
  %71 = fadd float %70, %69
  %72 = fcmp one float %0, 0x7FF0000000000000
  %73 = select i1 %72, float %71, float %0
  %74 = fcmp olt float %0, 1.000000e+00
  %75 = select i1 %74, float 0x7FF8000000000000, float %73
  ret float %75
}

define linkonce_odr double @fgrad.arccosh.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp ogt double %0, 0x41C0000000000000
  %3 = fadd double %0, -1.000000e+00
  %4 = select i1 %2, double 1.000000e+00, double %3
  %5 = fadd double %4, 2.000000e+00
  %6 = fsub double %5, %4
  %7 = fsub double %6, %5
  %8 = fadd double %4, %7
  %9 = fsub double 2.000000e+00, %6
  %10 = fadd double %9, %8
  %11 = fmul double %4, %5
  %12 = call double @llvm.sqrt.f64(double %11)
  %13 = fneg double %12
  %14 = call double @llvm.fma.f64(double %13, double %12, double %11)
  %15 = fneg double %11
  %16 = call double @llvm.fma.f64(double %4, double %5, double %15)
  %17 = fadd double %16, %14
  %18 = fmul double %4, %10
  %19 = fadd double %17, %18
  %20 = fcmp ogt double %11, 0.000000e+00
  %21 = fdiv double 5.000000e-01, %12
  %22 = select i1 %20, double %21, double 5.000000e-01
  %23 = fmul double %22, %19
  %24 = fadd double %4, %12
  %25 = fsub double %24, %4
  %26 = fsub double %25, %24
  %27 = fadd double %4, %26
  %28 = fsub double %12, %25
  %29 = fadd double %28, %27
  %30 = fadd double %24, 1.000000e+00
  %31 = select i1 %2, double %0, double %30
  %32 = bitcast double %31 to i64
  %33 = add i64 %32, 2638147582215219
  %34 = lshr i64 %33, 52
  %35 = or i64 %34, 4841369599423283200
  %36 = bitcast i64 %35 to double
  %37 = fadd double %36, 0xC3300000000003FF
  %38 = fadd double %30, -1.000000e+00
  %39 = fsub double %38, %30
  %40 = fadd double %39, 1.000000e+00
  %41 = fsub double %24, %38
  %42 = fadd double %41, %40
  %43 = fadd double %29, %23
  %44 = fadd double %42, %43
  %45 = select i1 %2, double 0.000000e+00, double %44
  %46 = and i64 %33, -4503599627370496
  %47 = sub i64 9218868437227405312, %46
  %48 = bitcast i64 %47 to double
  %49 = fmul double %45, %48
  %50 = add i64 %32, 4607182418800017408
  %51 = sub i64 %50, %46
  %52 = bitcast i64 %51 to double
  %53 = fadd double %52, -1.000000e+00
  %54 = call double @llvm.fmuladd.f64(double %49, double 5.000000e-01, double %53)
  %55 = fmul double %54, 5.000000e-01
  %56 = fmul double %54, %55
  %57 = fadd double %54, 2.000000e+00
  %58 = fdiv double %54, %57
  %59 = fmul double %58, %58
  %60 = fmul double %59, %59
  %61 = call double @llvm.fmuladd.f64(double %59, double 0x3FC39B79F6A54269, double 0x3FC74655460D71F8)
  %62 = call double @llvm.fmuladd.f64(double %60, double 0x3FC2E36E829BFE76, double %61)
  %63 = fmul double %60, %60
  %64 = call double @llvm.fmuladd.f64(double %59, double 0x3FCC71C56ED6F79F, double 0x3FD2492493B36AA3)
  %65 = call double @llvm.fmuladd.f64(double %59, double 0x3FD9999999988A1A, double 0x3FE5555555555572)
  %66 = call double @llvm.fmuladd.f64(double %64, double %60, double %65)
  %67 = call double @llvm.fmuladd.f64(double %62, double %63, double %66)
  %68 = call double @llvm.fmuladd.f64(double %59, double %67, double %56)
  %69 = fmul double %58, %68
  %70 = call double @llvm.fmuladd.f64(double %37, double 0x3DEA39EF35793C76, double %69)
  %71 = fsub double %56, %70
  %72 = fsub double %54, %71
  %73 = call double @llvm.fmuladd.f64(double %37, double 0x3FE62E42FEE00000, double %72)
  %74 = select i1 %2, double 0x3FE62E42FEFA39EF, double 0.000000e+00
  %75 = fadd double %74, %73
  %76 = fcmp one double %0, 0x7FF0000000000000
  %77 = select i1 %76, double %75, double %0
  %78 = fcmp olt double %0, 1.000000e+00
  %79 = select i1 %78, double 0x7FF8000000000000, double %77
  ret double %79
}

define linkonce_odr float @fgrad.arcsin.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fcmp ole float %2, 5.000000e-01
  %4 = fmul float %0, %0
  %5 = call float @llvm.fmuladd.f32(float %2, float -5.000000e-01, float 5.000000e-01)
  %6 = select i1 %3, float %4, float %5
  %7 = call float @llvm.sqrt.f32(float %6)
  %8 = select i1 %3, float %2, float %7
  %9 = fmul float %6, %8
  %10 = call float @llvm.fmuladd.f32(float %6, float 0x3FB3302480000000, float 0x3FC5555C60000000)
  %11 = call float @llvm.fmuladd.f32(float %6, float 0x3F98C4C800000000, float 0x3FA7478460000000)
  %12 = fmul float %6, %6
  %13 = call float @llvm.fmuladd.f32(float %11, float %12, float %10)
  %14 = fmul float %12, %12
  %15 = call float @llvm.fmuladd.f32(float %14, float 0x3FA595C000000000, float %13)
  %16 = fmul float %9, %15
  %17 = fadd float %8, %8
  %18 = fadd float %16, %16
  %19 = fadd float %18, 0x3E6777A5C0000000
  %20 = fadd float %17, %19
  %21 = fsub float 0x3FF921FB60000000, %20
  %22 = fadd float %2, %16
  %23 = select i1 %3, float %22, float %21
  %24 = call float @llvm.copysign.f32(float %23, float %0)
  ret float %24
}

define linkonce_odr double @fgrad.arcsin.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fcmp ole double %2, 5.000000e-01
  %4 = fmul double %0, %0
  %5 = call double @llvm.fmuladd.f64(double %2, double -5.000000e-01, double 5.000000e-01)
  %6 = select i1 %3, double %4, double %5
  %7 = call double @llvm.sqrt.f64(double %6)
  %8 = select i1 %3, double %2, double %7
  %9 = fmul double %6, %8
  %10 = call double @llvm.fmuladd.f64(double %6, double 0x3FB333333336750A, double 0x3FC55555555553E6)
  %11 = call double @llvm.fmuladd.f64(double %6, double 0x3F9F1C72B44206DB, double 0x3FA6DB6DB461B010)
  %12 = call double @llvm.fmuladd.f64(double %6, double 0x3F91C6AE6AC77EA8, double 0x3F96E8A0795224E6)
  %13 = call double @llvm.fmuladd.f64(double %6, double 0x3F88E60856E457A4, double 0x3F8C70EB1CEC4092)
  %14 = call double @llvm.fmuladd.f64(double %6, double 0x3F93E1F0414FEBBC, double 0x3F7AEC8EC2C786DC)
  %15 = call double @llvm.fmuladd.f64(double %6, double 0x3FA049C4962B704F, double 0xBF907366BC8685ED)
  %16 = fmul double %6, %6
  %17 = call double @llvm.fmuladd.f64(double %11, double %16, double %10)
  %18 = call double @llvm.fmuladd.f64(double %13, double %16, double %12)
  %19 = call double @llvm.fmuladd.f64(double %15, double %16, double %14)
  %20 = fmul double %16, %16
  %21 = call double @llvm.fmuladd.f64(double %18, double %20, double %17)
  %22 = fmul double %20, %20
  %23 = call double @llvm.fmuladd.f64(double %19, double %22, double %21)
  %24 = fmul double %9, %23
  %25 = fadd double %8, %8
  %26 = fadd double %24, %24
  %27 = fadd double %26, 0xBC91A62633145C07
  %28 = fadd double %25, %27
  %29 = fsub double 0x3FF921FB54442D18, %28
  %30 = fadd double %2, %24
  %31 = select i1 %3, double %30, double %29
  %32 = call double @llvm.copysign.f64(double %31, double %0)
  ret double %32
}

define linkonce_odr float @fgrad.arcsinh.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fcmp ogt float %2, 1.638400e+04
  %4 = select i1 %3, float 1.000000e+00, float %2
  %5 = fmul float %4, %4
  %6 = fadd float %5, 1.000000e+00
  %7 = call float @llvm.sqrt.f32(float %6)
  %8 = fadd float %4, %7
  %9 = select i1 %3, float %2, float %8
  %10 = bitcast float %9 to i32
  %11 = add i32 %10, 4913933
  %12 = lshr i32 %11, 23
  %13 = or i32 %12, 1258291200
  %14 = bitcast i32 %13 to float
  %15 = fadd float %14, 0xC160000FE0000000
  %16 = fsub float %8, %7
  %17 = fsub float %16, %8
  %18 = fadd float %7, %17
  %19 = fsub float %4, %16
  %20 = fadd float %19, %18
  %21 = fneg float %7
  %22 = call float @llvm.fma.f32(float %21, float %7, float %6)
  %23 = fadd float %6, -1.000000e+00
  %24 = fsub float %23, %6
  %25 = fadd float %24, 1.000000e+00
  %26 = fsub float %5, %23
  %27 = fadd float %26, %25
  %28 = fneg float %5
  %29 = call float @llvm.fma.f32(float %4, float %4, float %28)
  %30 = fadd float %29, %27
  %31 = fadd float %22, %30
  %32 = fdiv float 5.000000e-01, %7
  %33 = fmul float %32, %31
  %34 = fadd float %20, %33
  %35 = select i1 %3, float 0.000000e+00, float %34
  %36 = and i32 %11, -8388608
  %37 = sub i32 2139095040, %36
  %38 = bitcast i32 %37 to float
  %39 = fmul float %35, %38
  %40 = add i32 %10, 1065353216
  %41 = sub i32 %40, %36
  %42 = bitcast i32 %41 to float
  %43 = fadd float %42, -1.000000e+00
  %44 = call float @llvm.fmuladd.f32(float %39, float 5.000000e-01, float %43)
  %45 = fmul float %44, 5.000000e-01
  %46 = fmul float %44, %45
  %47 = fadd float %44, 2.000000e+00
  %48 = fdiv float %44, %47
  %49 = fmul float %48, %48
  %50 = call float @llvm.fmuladd.f32(float %49, float 0x3FCE257D80000000, float 0x3FD243D9E0000000)
  %51 = fmul float %49, %49
  %52 = call float @llvm.fmuladd.f32(float %49, float 0x3FD999A640000000, float 0x3FE5555560000000)
  %53 = call float @llvm.fmuladd.f32(float %50, float %51, float %52)
  %54 = call float @llvm.fmuladd.f32(float %49, float %53, float %46)
  %55 = fmul float %48, %54
  %56 = call float @llvm.fmuladd.f32(float %15, float 0xBF2BD01060000000, float %55)
  %57 = fsub float %46, %56
  %58 = fsub float %44, %57
  %59 = call float @llvm.fmuladd.f32(float %15, float 0x3FE6300000000000, float %58)
  %60 = select i1 %3, float 0x3FE62E4300000000, float 0.000000e+00
  %61 = fadd float %60, %59
  %62 = fcmp olt float %2, 0x3E60000000000000
  %63 = select i1 %62, float %2, float %61
  %64 = fcmp one float %2, 0x7FF0000000000000
  %65 = select i1 %64, float %63, float %2
  %66 = call float @llvm.copysign.f32(float %65, float %0)
  ret float %66
}

define linkonce_odr double @fgrad.arcsinh.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fcmp ogt double %2, 0x41C0000000000000
  %4 = select i1 %3, double 1.000000e+00, double %2
  %5 = fmul double %4, %4
  %6 = fadd double %5, 1.000000e+00
  %7 = call double @llvm.sqrt.f64(double %6)
  %8 = fadd double %4, %7
  %9 = select i1 %3, double %2, double %8
  %10 = bitcast double %9 to i64
  %11 = add i64 %10, 2638147582215219
  %12 = lshr i64 %11, 52
  %13 = or i64 %12, 4841369599423283200
  %14 = bitcast i64 %13 to double
  %15 = fadd double %14, 0xC3300000000003FF
  %16 = fsub double %8, %7
  %17 = fsub double %16, %8
  %18 = fadd double %7, %17
  %19 = fsub double %4, %16
  %20 = fadd double %19, %18
  %21 = fneg double %7
  %22 = call double @llvm.fma.f64(double %21, double %7, double %6)
  %23 = fadd double %6, -1.000000e+00
  %24 = fsub double %23, %6
  %25 = fadd double %24, 1.000000e+00
  %26 = fsub double %5, %23
  %27 = fadd double %26, %25
  %28 = fneg double %5
  %29 = call double @llvm.fma.f64(double %4, double %4, double %28)
  %30 = fadd double %29, %27
  %31 = fadd double %22, %30
  %32 = fdiv double 5.000000e-01, %7
  %33 = fmul double %32, %31
  %34 = fadd double %20, %33
  %35 = select i1 %3, double 0.000000e+00, double %34
  %36 = and i64 %11, -4503599627370496
  %37 = sub i64 9218868437227405312, %36
  %38 = bitcast i64 %37 to double
  %39 = fmul double %35, %38
  %40 = add i64 %10, 4607182418800017408
  %41 = sub i64 %40, %36
  %42 = bitcast i64 %41 to double
  %43 = fadd double %42, -1.000000e+00
  %44 = call double @llvm.fmuladd.f64(double %39, double 5.000000e-01, double %43)
  %45 = fmul double %44, 5.000000e-01
  %46 = fmul double %44, %45
  %47 = fadd double %44, 2.000000e+00
  %48 = fdiv double %44, %47
  %49 = fmul double %48, %48
  %50 = fmul double %49, %49
  %51 = call double @llvm.fmuladd.f64(double %49, double 0x3FC39B79F6A54269, double 0x3FC74655460D71F8)
  %52 = call double @llvm.fmuladd.f64(double %50, double 0x3FC2E36E829BFE76, double %51)
  %53 = fmul double %50, %50
  %54 = call double @llvm.fmuladd.f64(double %49, double 0x3FCC71C56ED6F79F, double 0x3FD2492493B36AA3)
  %55 = call double @llvm.fmuladd.f64(double %49, double 0x3FD9999999988A1A, double 0x3FE5555555555572)
  %56 = call double @llvm.fmuladd.f64(double %54, double %50, double %55)
  %57 = call double @llvm.fmuladd.f64(double %52, double %53, double %56)
  %58 = call double @llvm.fmuladd.f64(double %49, double %57, double %46)
  %59 = fmul double %48, %58
  %60 = call double @llvm.fmuladd.f64(double %15, double 0x3DEA39EF35793C76, double %59)
  %61 = fsub double %46, %60
  %62 = fsub double %44, %61
  %63 = call double @llvm.fmuladd.f64(double %15, double 0x3FE62E42FEE00000, double %62)
  %64 = select i1 %3, double 0x3FE62E42FEFA39EF, double 0.000000e+00
  %65 = fadd double %64, %63
  %66 = fcmp olt double %2, 0x3C90000000000000
  %67 = select i1 %66, double %2, double %65
  %68 = fcmp one double %2, 0x7FF0000000000000
  %69 = select i1 %68, double %67, double %2
  %70 = call double @llvm.copysign.f64(double %69, double %0)
  ret double %70
}

define linkonce_odr float @fgrad.arctan.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fcmp olt float %2, 0x3FDA8279A0000000
  %4 = fcmp ogt float %2, 0x4003504F40000000
  %5 = select i1 %4, float 0x3FF921FB60000000, float 0x3FE921FB60000000
  %6 = select i1 %3, float 0.000000e+00, float %5
  %7 = fadd float %2, -1.000000e+00
  %8 = select i1 %4, float -1.000000e+00, float %7
  %9 = select i1 %3, float %2, float %8
  %10 = fadd float %2, 1.000000e+00
  %11 = select i1 %4, float %2, float %10
  %12 = select i1 %3, float 1.000000e+00, float %11
  %13 = fdiv float %9, %12
  %14 = fmul float %13, %13
  %15 = fmul float %13, %14
  %16 = fmul float %14, %14
  %17 = fmul float %16, %16
  %18 = call float @llvm.fmuladd.f32(float %14, float 0x3FBB231820000000, float 0xBFC23BA6C0000000)
  %19 = call float @llvm.fmuladd.f32(float %14, float 0x3FC9991EA0000000, float 0xBFD55554A0000000)
  %20 = call float @llvm.fmuladd.f32(float %18, float %16, float %19)
  %21 = call float @llvm.fmuladd.f32(float %17, float 0xBFAF32BD60000000, float %20)
  %22 = select i1 %4, float 0xBE6777A5C0000000, float 0xBE5777A5C0000000
  %23 = select i1 %3, float 0.000000e+00, float %22
  %24 = call float @llvm.fmuladd.f32(float %15, float %21, float %23)
  %25 = fadd float %13, %24
  %26 = fadd float %6, %25
  %27 = call float @llvm.copysign.f32(float %26, float %0)
  ret float %27
}

define linkonce_odr double @fgrad.arctan.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fcmp olt double %2, 0x3FDA827999FCEF32
  %4 = fcmp ogt double %2, 0x4003504F333F9DE6
  %5 = select i1 %4, double 0x3FF921FB54442D18, double 0x3FE921FB54442D18
  %6 = select i1 %3, double 0.000000e+00, double %5
  %7 = fadd double %2, -1.000000e+00
  %8 = select i1 %4, double -1.000000e+00, double %7
  %9 = select i1 %3, double %2, double %8
  %10 = fadd double %2, 1.000000e+00
  %11 = select i1 %4, double %2, double %10
  %12 = select i1 %3, double 1.000000e+00, double %11
  %13 = fdiv double %9, %12
  %14 = fmul double %13, %13
  %15 = fmul double %13, %14
  %16 = fmul double %14, %14
  %17 = call double @llvm.fmuladd.f64(double %14, double 0x3FA388F79B344819, double 0xBFA9D2066988EF74)
  %18 = call double @llvm.fmuladd.f64(double %16, double 0xBF926EB8B5C725B4, double %17)
  %19 = fmul double %16, %16
  %20 = fmul double %19, %19
  %21 = call double @llvm.fmuladd.f64(double %14, double 0x3FADF21B3F39CC01, double 0xBFB10ED14ABB2558)
  %22 = call double @llvm.fmuladd.f64(double %14, double 0x3FB3B113A629BE70, double 0xBFB745CFAEA818AB)
  %23 = call double @llvm.fmuladd.f64(double %21, double %16, double %22)
  %24 = call double @llvm.fmuladd.f64(double %14, double 0x3FBC71C70FA7B94F, double 0xBFC24924922E9150)
  %25 = call double @llvm.fmuladd.f64(double %14, double 0x3FC99999999963A2, double 0xBFD5555555555543)
  %26 = call double @llvm.fmuladd.f64(double %24, double %16, double %25)
  %27 = call double @llvm.fmuladd.f64(double %23, double %19, double %26)
  %28 = call double @llvm.fmuladd.f64(double %18, double %20, double %27)
  %29 = select i1 %4, double 0x3C91A62633145C07, double 0x3C81A62633145C07
  %30 = select i1 %3, double 0.000000e+00, double %29
  %31 = call double @llvm.fmuladd.f64(double %15, double %28, double %30)
  %32 = fadd double %13, %31
  %33 = fadd double %6, %32
  %34 = call double @llvm.copysign.f64(double %33, double %0)
  ret double %34
}

define linkonce_odr float @fgrad.arctan2.f32(float %0, float %1) alwaysinline nounwind willreturn memory(none) {
  %3 = call float @llvm.fabs.f32(float %0)
  %4 = call float @llvm.fabs.f32(float %1)
  %5 = fcmp oeq float %3, %4
  %6 = fcmp ogt float %3, 0x47EFFFFFE0000000
  %7 = and i1 %6, %5
  %8 = select i1 %7, float 1.000000e+00, float %3
  %9 = fcmp ogt float %8, 0x47D0000000000000
  %10 = fcmp oeq float %0, 0.000000e+00
  %11 = fcmp oeq float %1, 0.000000e+00
  %12 = and i1 %10, %11
  %13 = or i1 %12, %7
  %14 = select i1 %13, float 1.000000e+00, float %4
  %15 = fcmp ogt float %14, 0x47D0000000000000
  %16 = or i1 %9, %15
  %17 = fcmp olt float %8, 0x3B20000000000000
  %18 = fcmp olt float %14, 0x3B20000000000000
  %19 = and i1 %17, %18
  %20 = select i1 %19, float 0x4310000000000000, float 1.000000e+00
  %21 = select i1 %16, float 2.500000e-01, float %20
  %22 = fmul float %8, %21
  %23 = fmul float %14, %21
  %24 = fmul float %23, 0x3FDA8279A0000000
  %25 = fcmp olt float %22, %24
  %26 = fmul float %23, 0x4003504F40000000
  %27 = fcmp ogt float %22, %26
  %28 = select i1 %27, float 0x3FF921FB60000000, float 0x3FE921FB60000000
  %29 = select i1 %25, float 0.000000e+00, float %28
  %30 = fneg float %23
  %31 = fsub float %22, %23
  %32 = select i1 %27, float %30, float %31
  %33 = select i1 %25, float %22, float %32
  %34 = fadd float %22, %23
  %35 = select i1 %27, float %22, float %34
  %36 = select i1 %25, float %23, float %35
  %37 = fdiv float %33, %36
  %38 = fmul float %37, %37
  %39 = fmul float %37, %38
  %40 = fmul float %38, %38
  %41 = fmul float %40, %40
  %42 = call float @llvm.fmuladd.f32(float %38, float 0x3FBB231820000000, float 0xBFC23BA6C0000000)
  %43 = call float @llvm.fmuladd.f32(float %38, float 0x3FC9991EA0000000, float 0xBFD55554A0000000)
  %44 = call float @llvm.fmuladd.f32(float %42, float %40, float %43)
  %45 = call float @llvm.fmuladd.f32(float %41, float 0xBFAF32BD60000000, float %44)
  %46 = select i1 %27, float 0xBE6777A5C0000000, float 0xBE5777A5C0000000
  %47 = select i1 %25, float 0.000000e+00, float %46
  %48 = call float @llvm.fmuladd.f32(float %39, float %45, float %47)
  %49 = fadd float %37, %48
  %50 = fadd float %29, %49
  %51 = bitcast float %1 to i32
  %52 = icmp slt i32 %51, 0
  %53 = fadd float %50, 0x3E7777A5C0000000
  %54 = fsub float 0x400921FB60000000, %53
  %55 = select i1 %52, float %54, float %50
  %56 = call float @llvm.copysign.f32(float %55, float %0)
  ret float %56
}

define linkonce_odr double @fgrad.arctan2.f64(double %0, double %1) alwaysinline nounwind willreturn memory(none) {
  %3 = call double @llvm.fabs.f64(double %0)
  %4 = call double @llvm.fabs.f64(double %1)
  %5 = fcmp oeq double %3, %4
  %6 = fcmp ogt double %3, 0x7FEFFFFFFFFFFFFF
  %7 = and i1 %6, %5
  %8 = select i1 %7, double 1.000000e+00, double %3
  %9 = fcmp ogt double %8, 0x7FD0000000000000
  %10 = fcmp oeq double %0, 0.000000e+00
  %11 = fcmp oeq double %1, 0.000000e+00
  %12 = and i1 %10, %11
  %13 = or i1 %12, %7
  %14 = select i1 %13, double 1.000000e+00, double %4
  %15 = fcmp ogt double %14, 0x7FD0000000000000
  %16 = or i1 %9, %15
  %17 = fcmp olt double %8, 0x6C0000000000000
  %18 = fcmp olt double %14, 0x6C0000000000000
  %19 = and i1 %17, %18
  %20 = select i1 %19, double 0x46B0000000000000, double 1.000000e+00
  %21 = select i1 %16, double 2.500000e-01, double %20
  %22 = fmul double %8, %21
  %23 = fmul double %14, %21
  %24 = fmul double %23, 0x3FDA827999FCEF32
  %25 = fcmp olt double %22, %24
  %26 = fmul double %23, 0x4003504F333F9DE6
  %27 = fcmp ogt double %22, %26
  %28 = select i1 %27, double 0x3FF921FB54442D18, double 0x3FE921FB54442D18
  %29 = select i1 %25, double 0.000000e+00, double %28
  %30 = fneg double %23
  %31 = fsub double %22, %23
  %32 = select i1 %27, double %30, double %31
  %33 = select i1 %25, double %22, double %32
  %34 = fadd double %22, %23
  %35 = select i1 %27, double %22, double %34
  %36 = select i1 %25, double %23, double %35
  %37 = fdiv double %33, %36
  %38 = fmul double %37, %37
  %39 = fmul double %37, %38
  %40 = fmul double %38, %38
  %41 = call double @llvm.fmuladd.f64(double %38, double 0x3FA388F79B344819, double 0xBFA9D2066988EF74)
  %42 = call double @llvm.fmuladd.f64(double %40, double 0xBF926EB8B5C725B4, double %41)
  %43 = fmul double %40, %40
  %44 = fmul double %43, %43
  %45 = call double @llvm.fmuladd.f64(double %38, double 0x3FADF21B3F39CC01, double 0xBFB10ED14ABB2558)
  %46 = call double @llvm.fmuladd.f64(double %38, double 0x3FB3B113A629BE70, double 0xBFB745CFAEA818AB)
  %47 = call double @llvm.fmuladd.f64(double %45, double %40, double %46)
  %48 = call double @llvm.fmuladd.f64(double %38, double 0x3FBC71C70FA7B94F, double 0xBFC24924922E9150)
  %49 = call double @llvm.fmuladd.f64(double %38, double 0x3FC99999999963A2, double 0xBFD5555555555543)
  %50 = call double @llvm.fmuladd.f64(double %48, double %40, double %49)
  %51 = call double @llvm.fmuladd.f64(double %47, double %43, double %50)
  %52 = call double @llvm.fmuladd.f64(double %42, double %44, double %51)
  %53 = select i1 %27, double 0x3C91A62633145C07, double 0x3C81A62633145C07
  %54 = select i1 %25, double 0.000000e+00, double %53
  %55 = call double @llvm.fmuladd.f64(double %39, double %52, double %54)
  %56 = fadd double %37, %55
  %57 = fadd double %29, %56
  %58 = bitcast double %1 to i64
  %59 = icmp slt i64 %58, 0
  %60 = fadd double %57, 0xBCA1A62633145C07
  %61 = fsub double 0x400921FB54442D18, %60
  %62 = select i1 %59, double %61, double %57
  %63 = call double @llvm.copysign.f64(double %62, double %0)
  ret double %63
}

define linkonce_odr float @fgrad.arctanh.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fcmp olt float %2, 1.000000e+00
  %4 = select i1 %3, float %2, float 0.000000e+00
  %5 = fadd float %4, %4
  %6 = fsub float 1.000000e+00, %4
  %7 = fdiv float 1.000000e+00, %6
  %8 = fmul float %5, %7
  %9 = fadd float %8, 1.000000e+00
  %10 = bitcast float %9 to i32
  %11 = add i32 %10, 4913933
  %12 = lshr i32 %11, 23
  %13 = or i32 %12, 1258291200
  %14 = bitcast i32 %13 to float
  %15 = fadd float %14, 0xC160000FE0000000
  %16 = fadd float %9, -1.000000e+00
  %17 = fsub float %16, %9
  %18 = fadd float %17, 1.000000e+00
  %19 = fsub float %8, %16
  %20 = fadd float %19, %18
  %21 = fneg float %8
  %22 = call float @llvm.fma.f32(float %21, float %6, float %5)
  %23 = fadd float %6, -1.000000e+00
  %24 = fsub float %23, %6
  %25 = fadd float %24, 1.000000e+00
  %26 = fneg float %4
  %27 = fsub float %26, %23
  %28 = fadd float %27, %25
  %29 = fmul float %8, %28
  %30 = fsub float %22, %29
  %31 = fmul float %7, %30
  %32 = fadd float %20, %31
  %33 = and i32 %11, -8388608
  %34 = sub i32 2139095040, %33
  %35 = bitcast i32 %34 to float
  %36 = fmul float %32, %35
  %37 = add i32 %10, 1065353216
  %38 = sub i32 %37, %33
  %39 = bitcast i32 %38 to float
  %40 = fadd float %39, -1.000000e+00
  %41 = call float @llvm.fmuladd.f32(float %36, float 5.000000e-01, float %40)
  %42 = fmul float %41, 5.000000e-01
  %43 = fmul float %41, %42
  %44 = fadd float %41, 2.000000e+00
  %45 = fdiv float %41, %44
  %46 = fmul float %45, %45
  %47 = call float @llvm.fmuladd.f32(float %46, float 0x3FCE257D80000000, float 0x3FD243D9E0000000)
  %48 = fmul float %46, %46
  %49 = call float @llvm.fmuladd.f32(float %46, float 0x3FD999A640000000, float 0x3FE5555560000000)
  %50 = call float @llvm.fmuladd.f32(float %47, float %48, float %49)
  %51 = call float @llvm.fmuladd.f32(float %46, float %50, float %43)
  %52 = fmul float %45, %51
  %53 = call float @llvm.fmuladd.f32(float %15, float 0xBF2BD01060000000, float %52)
  %54 = fsub float %43, %53
  %55 = fsub float %41, %54
  %56 = call float @llvm.fmuladd.f32(float %15, float 0x3FE6300000000000, float %55)
  %57 = fmul float %56, 5.000000e-01
  %58 = fcmp olt float %2, 0x3E60000000000000
  %59 = select i1 %58, float %2, float %57
  %60 = fcmp oeq float %2, 1.000000e+00
  %61 = select i1 %60, float 0x7FF0000000000000, float %59
  %62 = fcmp ole float %2, 1.000000e+00
  %63 = select i1 %62, float %61, float 0x7FF8000000000000
  %64 = call float @llvm.copysign.f32(float %63, float %0)
  ret float %64
}

define linkonce_odr double @fgrad.arctanh.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fcmp olt double %2, 1.000000e+00
  %4 = select i1 %3, double %2, double 0.000000e+00
  %5 = fadd double %4, %4
  %6 = fsub double 1.000000e+00, %4
  %7 = fdiv double 1.000000e+00, %6
  %8 = fmul double %5, %7
  %9 = fadd double %8, 1.000000e+00
  %10 = bitcast double %9 to i64
  %11 = add i64 %10, 2638147582215219
  %12 = lshr i64 %11, 52
  %13 = or i64 %12, 4841369599423283200
  %14 = bitcast i64 %13 to double
  %15 = fadd double %14, 0xC3300000000003FF
  %16 = fadd double %9, -1.000000e+00
  %17 = fsub double %16, %9
  %18 = fadd double %17, 1.000000e+00
  %19 = fsub double %8, %16
  %20 = fadd double %19, %18
  %21 = fneg double %8
  %22 = call double @llvm.fma.f64(double %21, double %6, double %5)
  %23 = fadd double %6, -1.000000e+00
  %24 = fsub double %23, %6
  %25 = fadd double %24, 1.000000e+00
  %26 = fneg double %4
  %27 = fsub double %26, %23
  %28 = fadd double %27, %25
  %29 = fmul double %8, %28
  %30 = fsub double %22, %29
  %31 = fmul double %7, %30
  %32 = fadd double %20, %31
  %33 = and i64 %11, -4503599627370496
  %34 = sub i64 9218868437227405312, %33
  %35 = bitcast i64 %34 to double
  %36 = fmul double %32, %35
  %37 = add i64 %10, 4607182418800017408
  %38 = sub i64 %37, %33
  %39 = bitcast i64 %38 to double
  %40 = fadd double %39, -1.000000e+00
  %41 = call double @llvm.fmuladd.f64(double %36, double 5.000000e-01, double %40)
  %42 = fmul double %41, 5.000000e-01
  %43 = fmul double %41, %42
  %44 = fadd double %41, 2.000000e+00
  %45 = fdiv double %41, %44
  %46 = fmul double %45, %45
  %47 = fmul double %46, %46
  %48 = call double @llvm.fmuladd.f64(double %46, double 0x3FC39B79F6A54269, double 0x3FC74655460D71F8)
  %49 = call double @llvm.fmuladd.f64(double %47, double 0x3FC2E36E829BFE76, double %48)
  %50 = fmul double %47, %47
  %51 = call double @llvm.fmuladd.f64(double %46, double 0x3FCC71C56ED6F79F, double 0x3FD2492493B36AA3)
  %52 = call double @llvm.fmuladd.f64(double %46, double 0x3FD9999999988A1A, double 0x3FE5555555555572)
  %53 = call double @llvm.fmuladd.f64(double %51, double %47, double %52)
  %54 = call double @llvm.fmuladd.f64(double %49, double %50, double %53)
  %55 = call double @llvm.fmuladd.f64(double %46, double %54, double %43)
  %56 = fmul double %45, %55
  %57 = call double @llvm.fmuladd.f64(double %15, double 0x3DEA39EF35793C76, double %56)
  %58 = fsub double %43, %57
  %59 = fsub double %41, %58
  %60 = call double @llvm.fmuladd.f64(double %15, double 0x3FE62E42FEE00000, double %59)
  %61 = fmul double %60, 5.000000e-01
  %62 = fcmp olt double %2, 0x3C90000000000000
  %63 = select i1 %62, double %2, double %61
  %64 = fcmp oeq double %2, 1.000000e+00
  %65 = select i1 %64, double 0x7FF0000000000000, double %63
  %66 = fcmp ole double %2, 1.000000e+00
  %67 = select i1 %66, double %65, double 0x7FF8000000000000
  %68 = call double @llvm.copysign.f64(double %67, double %0)
  ret double %68
}

define linkonce_odr float @fgrad.cbrt.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fcmp olt float %2, 0x3810000000000000
  %4 = call i1 @llvm.is.fpclass.f32(float %0, i32 408)
  %5 = fmul float %2, 0x41A0000000000000
  %6 = select i1 %3, float %5, float %2
  %7 = bitcast float %6 to i32
  %8 = select i1 %4, i32 %7, i32 1065353216
  %9 = lshr i32 %8, 23
  %10 = or i32 %9, 1258291200
  %11 = bitcast i32 %10 to float
  %12 = fadd float %11, 0xC160000FE0000000
  %13 = fadd float %12, -1.000000e+00
  %14 = call float @llvm.fmuladd.f32(float %13, float 0x3FD5555560000000, float 0x4168000000000000)
  %15 = fadd float %14, 0xC168000000000000
  %16 = call float @llvm.fmuladd.f32(float %15, float -3.000000e+00, float %12)
  %17 = fadd float %16, 0x4168000000000000
  %18 = bitcast float %17 to i32
  %19 = shl i32 %18, 23
  %20 = add i32 %19, 1065353216
  %21 = bitcast i32 %20 to float
  %22 = and i32 %8, 8388607
  %23 = or i32 %22, 1065353216
  %24 = bitcast i32 %23 to float
  %25 = fmul float %24, %21
  %26 = call float @llvm.fmuladd.f32(float %25, float 0x3FDCBF6F80000000, float 0x3FE412DC80000000)
  %27 = call float @llvm.fmuladd.f32(float %25, float 0x3F83A06380000000, float 0xBFB5720AC0000000)
  %28 = fmul float %25, %25
  %29 = call float @llvm.fmuladd.f32(float %27, float %28, float %26)
  %30 = fmul float %28, %28
  %31 = call float @llvm.fmuladd.f32(float %30, float 0xBF3C50F7E0000000, float %29)
  %32 = fmul float %31, %31
  %33 = fmul float %31, %32
  %34 = fadd float %25, %25
  %35 = fadd float %34, %33
  %36 = fadd float %33, %33
  %37 = fadd float %25, %36
  %38 = fdiv float %35, %37
  %39 = fmul float %31, %38
  %40 = fmul float %39, %39
  %41 = fneg float %40
  %42 = call float @llvm.fma.f32(float %39, float %39, float %41)
  %43 = select i1 %3, float 9.000000e+00, float 0.000000e+00
  %44 = fsub float %14, %43
  %45 = bitcast float %44 to i32
  %46 = shl i32 %45, 23
  %47 = add i32 %46, 1065353216
  %48 = bitcast i32 %47 to float
  %49 = fmul float %39, %40
  %50 = fsub float %49, %25
  %51 = fneg float %49
  %52 = call float @llvm.fma.f32(float %40, float %39, float %51)
  %53 = call float @llvm.fmuladd.f32(float %42, float %39, float %52)
  %54 = fadd float %50, %53
  %55 = fmul float %54, 0x3FD5555560000000
  %56 = fdiv float %55, %40
  %57 = fsub float %39, %56
  %58 = fmul float %57, %48
  %59 = select i1 %4, float %58, float %2
  %60 = call float @llvm.copysign.f32(float %59, float %0)
  ret float %60
}

define linkonce_odr double @fgrad.cbrt.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fcmp olt double %2, 0x10000000000000
  %4 = call i1 @llvm.is.fpclass.f64(double %0, i32 408)
  %5 = fmul double %2, 0x4380000000000000
  %6 = select i1 %3, double %5, double %2
  %7 = bitcast double %6 to i64
  %8 = select i1 %4, i64 %7, i64 4607182418800017408
  %9 = lshr i64 %8, 52
  %10 = or i64 %9, 4841369599423283200
  %11 = bitcast i64 %10 to double
  %12 = fadd double %11, 0xC3300000000003FF
  %13 = fadd double %12, -1.000000e+00
  %14 = call double @llvm.fmuladd.f64(double %13, double 0x3FD5555555555555, double 0x4338000000000000)
  %15 = fadd double %14, 0xC338000000000000
  %16 = call double @llvm.fmuladd.f64(double %15, double -3.000000e+00, double %12)
  %17 = fadd double %16, 0x4338000000000000
  %18 = bitcast double %17 to i64
  %19 = shl i64 %18, 52
  %20 = add i64 %19, 4607182418800017408
  %21 = bitcast i64 %20 to double
  %22 = and i64 %8, 4503599627370495
  %23 = or i64 %22, 4607182418800017408
  %24 = bitcast i64 %23 to double
  %25 = fmul double %24, %21
  %26 = call double @llvm.fmuladd.f64(double %25, double 0x3FDCBF6F8B55839D, double 0x3FE412DC70204234)
  %27 = call double @llvm.fmuladd.f64(double %25, double 0x3F83A06374AC1BC1, double 0xBFB5720AC62DF859)
  %28 = fmul double %25, %25
  %29 = call double @llvm.fmuladd.f64(double %27, double %28, double %26)
  %30 = fmul double %28, %28
  %31 = call double @llvm.fmuladd.f64(double %30, double 0xBF3C50F7DDD7E534, double %29)
  %32 = fmul double %31, %31
  %33 = fmul double %31, %32
  %34 = fadd double %25, %25
  %35 = fadd double %34, %33
  %36 = fadd double %33, %33
  %37 = fadd double %25, %36
  %38 = fdiv double %35, %37
  %39 = fmul double %31, %38
  %40 = fmul double %39, %39
  %41 = fneg double %40
  %42 = call double @llvm.fma.f64(double %39, double %39, double %41)
  %43 = select i1 %3, double 1.900000e+01, double 0.000000e+00
  %44 = fsub double %14, %43
  %45 = bitcast double %44 to i64
  %46 = shl i64 %45, 52
  %47 = add i64 %46, 4607182418800017408
  %48 = bitcast i64 %47 to double
  %49 = fmul double %39, %40
  %50 = fsub double %49, %25
  %51 = fneg double %49
  %52 = call double @llvm.fma.f64(double %40, double %39, double %51)
  %53 = call double @llvm.fmuladd.f64(double %42, double %39, double %52)
  %54 = fadd double %50, %53
  %55 = fmul double %54, 0x3FD5555555555555
  %56 = fdiv double %55, %40
  %57 = fsub double %39, %56
  %58 = fmul double %57, %48
  %59 = select i1 %4, double %58, double %2
  %60 = call double @llvm.copysign.f64(double %59, double %0)
  ret double %60
}

define linkonce_odr float @fgrad.cos.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fmuladd.f32(float %0, float 0x3FE45F3060000000, float 0x4168000000000000)
  %3 = bitcast float %2 to i32
  %4 = shl i32 %3, 30
  %5 = add i32 %4, 1073741824
  %6 = and i32 %5, -2147483648
  %7 = and i32 %3, 1
  %8 = icmp eq i32 %7, 0
  %9 = fadd float %2, 0xC168000000000000
  %10 = call float @llvm.fma.f32(float %9, float 0xBFF921FB60000000, float %0)
  %11 = fmul float %9, 0x3E6777A5C0000000
  %12 = fadd float %10, %11
  %13 = fmul float %12, %12
  %14 = call float @llvm.fmuladd.f32(float %13, float -5.000000e-01, float 1.000000e+00)
  %15 = fsub float 1.000000e+00, %14
  %16 = call float @llvm.fmuladd.f32(float %13, float -5.000000e-01, float %15)
  %17 = fmul float %13, %13
  %18 = call float @llvm.fmuladd.f32(float %13, float 0xBF56C0EA20000000, float 0x3FA55554E0000000)
  %19 = call float @llvm.fmuladd.f32(float %17, float 0x3EF9A88A60000000, float %18)
  %20 = fsub float %12, %10
  %21 = fsub float %11, %20
  %22 = fneg float %11
  %23 = call float @llvm.fma.f32(float %9, float 0x3E6777A5C0000000, float %22)
  %24 = fadd float %23, %21
  %25 = call float @llvm.fmuladd.f32(float %9, float 0x3CDEE59DA0000000, float %24)
  %26 = fneg float %25
  %27 = fmul float %12, %26
  %28 = call float @llvm.fmuladd.f32(float %17, float %19, float %27)
  %29 = fadd float %16, %28
  %30 = fadd float %14, %29
  %31 = fmul float %12, %13
  %32 = call float @llvm.fmuladd.f32(float %13, float 0x3F81106EE0000000, float 0xBFC5555440000000)
  %33 = call float @llvm.fmuladd.f32(float %17, float 0xBF29926B20000000, float %32)
  %34 = fmul float %14, %25
  %35 = call float @llvm.fmuladd.f32(float %31, float %33, float %34)
  %36 = fadd float %12, %35
  %37 = select i1 %8, float %30, float %36
  %38 = bitcast float %37 to i32
  %39 = xor i32 %6, %38
  %40 = bitcast i32 %39 to float
  %41 = call float @llvm.fabs.f32(float %0)
  %42 = fcmp ogt float %41, 1.310720e+05
  %43 = call float @fgrad.cos.f32.huge(float %0) "vector-function-abi-variant"="_ZGV_LLVM_N4v_fgrad.cos.f32.huge(fgrad.cos.f32.huge.x4),_ZGV_LLVM_N8v_fgrad.cos.f32.huge(fgrad.cos.f32.huge.x8),_ZGV_LLVM_N16v_fgrad.cos.f32.huge(fgrad.cos.f32.huge.x16)"
  %44 = select i1 %42, float %43, float %40
  %45 = fcmp one float %41, 0x7FF0000000000000
  %46 = select i1 %45, float %44, float 0x7FF8000000000000
  ret float %46
}

define linkonce_odr float @fgrad.cos.f32.huge(float %0) noinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fcmp ogt float %2, 1.310720e+05
  %likely.3 = call i1 @llvm.expect.i1(i1 %3, i1 false)
  br i1 %likely.3, label %4, label %8
4:
  %5 = fpext float %2 to double
  %6 = call double @fgrad.huge.f64(double %5, i64 1)
  %7 = fptrunc double %6 to float
  br label %8
8:
  %9 = phi float [ %7, %4 ], [ 0.000000e+00, %1 ]
  ret float %9
}

define linkonce_odr <16 x float> @fgrad.cos.f32.huge.x16(<16 x float> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <16 x float> @llvm.fabs.v16f32(<16 x float> %0)
  %3 = fcmp ogt <16 x float> %2, <float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05>
  %4 = bitcast <16 x i1> %3 to i16
  %5 = icmp eq i16 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <16 x float> @fgrad.cos.f32.huge.x16.lanes(<16 x float> %0)
  br label %8
8:
  %9 = phi <16 x float> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <16 x float> %9
}

define linkonce_odr <16 x float> @fgrad.cos.f32.huge.x16.lanes(<16 x float> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <16 x float> %0, i64 0
  %3 = call float @fgrad.cos.f32.huge(float %2)
  %4 = insertelement <16 x float> %0, float %3, i64 0
  %5 = extractelement <16 x float> %0, i64 1
  %6 = call float @fgrad.cos.f32.huge(float %5)
  %7 = insertelement <16 x float> %4, float %6, i64 1
  %8 = extractelement <16 x float> %0, i64 2
  %9 = call float @fgrad.cos.f32.huge(float %8)
  %10 = insertelement <16 x float> %7, float %9, i64 2
  %11 = extractelement <16 x float> %0, i64 3
  %12 = call float @fgrad.cos.f32.huge(float %11)
  %13 = insertelement <16 x float> %10, float %12, i64 3
  %14 = extractelement <16 x float> %0, i64 4
  %15 = call float @fgrad.cos.f32.huge(float %14)
  %16 = insertelement <16 x float> %13, float %15, i64 4
  %17 = extractelement <16 x float> %0, i64 5
  %18 = call float @fgrad.cos.f32.huge(float %17)
  %19 = insertelement <16 x float> %16, float %18, i64 5
  %20 = extractelement <16 x float> %0, i64 6
  %21 = call float @fgrad.cos.f32.huge(float %20)
  %22 = insertelement <16 x float> %19, float %21, i64 6
  %23 = extractelement <16 x float> %0, i64 7
  %24 = call float @fgrad.cos.f32.huge(float %23)
  %25 = insertelement <16 x float> %22, float %24, i64 7
  %26 = extractelement <16 x float> %0, i64 8
  %27 = call float @fgrad.cos.f32.huge(float %26)
  %28 = insertelement <16 x float> %25, float %27, i64 8
  %29 = extractelement <16 x float> %0, i64 9
  %30 = call float @fgrad.cos.f32.huge(float %29)
  %31 = insertelement <16 x float> %28, float %30, i64 9
  %32 = extractelement <16 x float> %0, i64 10
  %33 = call float @fgrad.cos.f32.huge(float %32)
  %34 = insertelement <16 x float> %31, float %33, i64 10
  %35 = extractelement <16 x float> %0, i64 11
  %36 = call float @fgrad.cos.f32.huge(float %35)
  %37 = insertelement <16 x float> %34, float %36, i64 11
  %38 = extractelement <16 x float> %0, i64 12
  %39 = call float @fgrad.cos.f32.huge(float %38)
  %40 = insertelement <16 x float> %37, float %39, i64 12
  %41 = extractelement <16 x float> %0, i64 13
  %42 = call float @fgrad.cos.f32.huge(float %41)
  %43 = insertelement <16 x float> %40, float %42, i64 13
  %44 = extractelement <16 x float> %0, i64 14
  %45 = call float @fgrad.cos.f32.huge(float %44)
  %46 = insertelement <16 x float> %43, float %45, i64 14
  %47 = extractelement <16 x float> %0, i64 15
  %48 = call float @fgrad.cos.f32.huge(float %47)
  %49 = insertelement <16 x float> %46, float %48, i64 15
  ret <16 x float> %49
}

define linkonce_odr <4 x float> @fgrad.cos.f32.huge.x4(<4 x float> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <4 x float> @llvm.fabs.v4f32(<4 x float> %0)
  %3 = fcmp ogt <4 x float> %2, <float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05>
  %4 = bitcast <4 x i1> %3 to i4
  %5 = icmp eq i4 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <4 x float> @fgrad.cos.f32.huge.x4.lanes(<4 x float> %0)
  br label %8
8:
  %9 = phi <4 x float> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <4 x float> %9
}

define linkonce_odr <4 x float> @fgrad.cos.f32.huge.x4.lanes(<4 x float> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <4 x float> %0, i64 0
  %3 = call float @fgrad.cos.f32.huge(float %2)
  %4 = insertelement <4 x float> poison, float %3, i64 0
  %5 = extractelement <4 x float> %0, i64 1
  %6 = call float @fgrad.cos.f32.huge(float %5)
  %7 = insertelement <4 x float> %4, float %6, i64 1
  %8 = extractelement <4 x float> %0, i64 2
  %9 = call float @fgrad.cos.f32.huge(float %8)
  %10 = insertelement <4 x float> %7, float %9, i64 2
  %11 = extractelement <4 x float> %0, i64 3
  %12 = call float @fgrad.cos.f32.huge(float %11)
  %13 = insertelement <4 x float> %10, float %12, i64 3
  ret <4 x float> %13
}

define linkonce_odr <8 x float> @fgrad.cos.f32.huge.x8(<8 x float> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <8 x float> @llvm.fabs.v8f32(<8 x float> %0)
  %3 = fcmp ogt <8 x float> %2, <float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05>
  %4 = bitcast <8 x i1> %3 to i8
  %5 = icmp eq i8 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <8 x float> @fgrad.cos.f32.huge.x8.lanes(<8 x float> %0)
  br label %8
8:
  %9 = phi <8 x float> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <8 x float> %9
}

define linkonce_odr <8 x float> @fgrad.cos.f32.huge.x8.lanes(<8 x float> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <8 x float> %0, i64 0
  %3 = call float @fgrad.cos.f32.huge(float %2)
  %4 = insertelement <8 x float> poison, float %3, i64 0
  %5 = extractelement <8 x float> %0, i64 1
  %6 = call float @fgrad.cos.f32.huge(float %5)
  %7 = insertelement <8 x float> %4, float %6, i64 1
  %8 = extractelement <8 x float> %0, i64 2
  %9 = call float @fgrad.cos.f32.huge(float %8)
  %10 = insertelement <8 x float> %7, float %9, i64 2
  %11 = extractelement <8 x float> %0, i64 3
  %12 = call float @fgrad.cos.f32.huge(float %11)
  %13 = insertelement <8 x float> %10, float %12, i64 3
  %14 = extractelement <8 x float> %0, i64 4
  %15 = call float @fgrad.cos.f32.huge(float %14)
  %16 = insertelement <8 x float> %13, float %15, i64 4
  %17 = extractelement <8 x float> %0, i64 5
  %18 = call float @fgrad.cos.f32.huge(float %17)
  %19 = insertelement <8 x float> %16, float %18, i64 5
  %20 = extractelement <8 x float> %0, i64 6
  %21 = call float @fgrad.cos.f32.huge(float %20)
  %22 = insertelement <8 x float> %19, float %21, i64 6
  %23 = extractelement <8 x float> %0, i64 7
  %24 = call float @fgrad.cos.f32.huge(float %23)
  %25 = insertelement <8 x float> %22, float %24, i64 7
  ret <8 x float> %25
}

define linkonce_odr double @fgrad.cos.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fmuladd.f64(double %0, double 0x3FE45F306DC9C883, double 0x4338000000000000)
  %3 = bitcast double %2 to i64
  %4 = shl i64 %3, 62
  %5 = add i64 %4, 4611686018427387904
  %6 = and i64 %5, -9223372036854775808
  %7 = and i64 %3, 1
  %8 = icmp eq i64 %7, 0
  %9 = fadd double %2, 0xC338000000000000
  %10 = call double @llvm.fma.f64(double %9, double 0xBFF921FB54442D18, double %0)
  %11 = fmul double %9, 0xBC91A62633145C07
  %12 = fadd double %10, %11
  %13 = fmul double %12, %12
  %14 = call double @llvm.fmuladd.f64(double %13, double -5.000000e-01, double 1.000000e+00)
  %15 = fsub double 1.000000e+00, %14
  %16 = call double @llvm.fmuladd.f64(double %13, double -5.000000e-01, double %15)
  %17 = fmul double %13, %13
  %18 = call double @llvm.fmuladd.f64(double %13, double 0xBDA8FF0BA3FBDD1F, double 0x3E21EEA73B4BF46A)
  %19 = fmul double %17, %17
  %20 = call double @llvm.fmuladd.f64(double %13, double 0xBE927E4F8DD9CAD0, double 0x3EFA01A019DE691E)
  %21 = call double @llvm.fmuladd.f64(double %13, double 0xBF56C16C16C15E6A, double 0x3FA5555555555552)
  %22 = call double @llvm.fmuladd.f64(double %20, double %17, double %21)
  %23 = call double @llvm.fmuladd.f64(double %18, double %19, double %22)
  %24 = fsub double %12, %10
  %25 = fsub double %11, %24
  %26 = fneg double %11
  %27 = call double @llvm.fma.f64(double %9, double 0xBC91A62633145C07, double %26)
  %28 = fadd double %27, %25
  %29 = call double @llvm.fmuladd.f64(double %9, double 0x391F1976B7ED8FBC, double %28)
  %30 = fneg double %29
  %31 = fmul double %12, %30
  %32 = call double @llvm.fmuladd.f64(double %17, double %23, double %31)
  %33 = fadd double %16, %32
  %34 = fadd double %14, %33
  %35 = fmul double %12, %13
  %36 = call double @llvm.fmuladd.f64(double %13, double 0x3DE5D7E54C18E20B, double 0xBE5AE5E2116ABB13)
  %37 = call double @llvm.fmuladd.f64(double %13, double 0x3EC71DE3522AF41D, double 0xBF2A01A019BB425A)
  %38 = call double @llvm.fmuladd.f64(double %13, double 0x3F8111111110F5BE, double 0xBFC5555555555547)
  %39 = call double @llvm.fmuladd.f64(double %37, double %17, double %38)
  %40 = call double @llvm.fmuladd.f64(double %36, double %19, double %39)
  %41 = fmul double %14, %29
  %42 = call double @llvm.fmuladd.f64(double %35, double %40, double %41)
  %43 = fadd double %12, %42
  %44 = select i1 %8, double %34, double %43
  %45 = bitcast double %44 to i64
  %46 = xor i64 %6, %45
  %47 = bitcast i64 %46 to double
  %48 = call double @llvm.fabs.f64(double %0)
  %49 = fcmp ogt double %48, 0x42C0000000000000
  %50 = call double @fgrad.cos.f64.huge(double %0) "vector-function-abi-variant"="_ZGV_LLVM_N2v_fgrad.cos.f64.huge(fgrad.cos.f64.huge.x2),_ZGV_LLVM_N4v_fgrad.cos.f64.huge(fgrad.cos.f64.huge.x4),_ZGV_LLVM_N8v_fgrad.cos.f64.huge(fgrad.cos.f64.huge.x8)"
  %51 = select i1 %49, double %50, double %47
  %52 = fcmp one double %48, 0x7FF0000000000000
  %53 = select i1 %52, double %51, double 0x7FF8000000000000
  ret double %53
}

define linkonce_odr double @fgrad.cos.f64.huge(double %0) noinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fcmp ogt double %2, 0x42C0000000000000
  %likely.3 = call i1 @llvm.expect.i1(i1 %3, i1 false)
  br i1 %likely.3, label %4, label %6
4:
  %5 = call double @fgrad.huge.f64(double %2, i64 1)
  br label %6
6:
  %7 = phi double [ %5, %4 ], [ 0.000000e+00, %1 ]
  ret double %7
}

define linkonce_odr <2 x double> @fgrad.cos.f64.huge.x2(<2 x double> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <2 x double> @llvm.fabs.v2f64(<2 x double> %0)
  %3 = fcmp ogt <2 x double> %2, <double 0x42C0000000000000, double 0x42C0000000000000>
  %4 = bitcast <2 x i1> %3 to i2
  %5 = icmp eq i2 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <2 x double> @fgrad.cos.f64.huge.x2.lanes(<2 x double> %0)
  br label %8
8:
  %9 = phi <2 x double> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <2 x double> %9
}

define linkonce_odr <2 x double> @fgrad.cos.f64.huge.x2.lanes(<2 x double> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <2 x double> %0, i64 0
  %3 = call double @fgrad.cos.f64.huge(double %2)
  %4 = insertelement <2 x double> poison, double %3, i64 0
  %5 = extractelement <2 x double> %0, i64 1
  %6 = call double @fgrad.cos.f64.huge(double %5)
  %7 = insertelement <2 x double> %4, double %6, i64 1
  ret <2 x double> %7
}

define linkonce_odr <4 x double> @fgrad.cos.f64.huge.x4(<4 x double> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <4 x double> @llvm.fabs.v4f64(<4 x double> %0)
  %3 = fcmp ogt <4 x double> %2, <double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000>
  %4 = bitcast <4 x i1> %3 to i4
  %5 = icmp eq i4 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <4 x double> @fgrad.cos.f64.huge.x4.lanes(<4 x double> %0)
  br label %8
8:
  %9 = phi <4 x double> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <4 x double> %9
}

define linkonce_odr <4 x double> @fgrad.cos.f64.huge.x4.lanes(<4 x double> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <4 x double> %0, i64 0
  %3 = call double @fgrad.cos.f64.huge(double %2)
  %4 = insertelement <4 x double> poison, double %3, i64 0
  %5 = extractelement <4 x double> %0, i64 1
  %6 = call double @fgrad.cos.f64.huge(double %5)
  %7 = insertelement <4 x double> %4, double %6, i64 1
  %8 = extractelement <4 x double> %0, i64 2
  %9 = call double @fgrad.cos.f64.huge(double %8)
  %10 = insertelement <4 x double> %7, double %9, i64 2
  %11 = extractelement <4 x double> %0, i64 3
  %12 = call double @fgrad.cos.f64.huge(double %11)
  %13 = insertelement <4 x double> %10, double %12, i64 3
  ret <4 x double> %13
}

define linkonce_odr <8 x double> @fgrad.cos.f64.huge.x8(<8 x double> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <8 x double> @llvm.fabs.v8f64(<8 x double> %0)
  %3 = fcmp ogt <8 x double> %2, <double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000>
  %4 = bitcast <8 x i1> %3 to i8
  %5 = icmp eq i8 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <8 x double> @fgrad.cos.f64.huge.x8.lanes(<8 x double> %0)
  br label %8
8:
  %9 = phi <8 x double> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <8 x double> %9
}

define linkonce_odr <8 x double> @fgrad.cos.f64.huge.x8.lanes(<8 x double> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <8 x double> %0, i64 0
  %3 = call double @fgrad.cos.f64.huge(double %2)
  %4 = insertelement <8 x double> poison, double %3, i64 0
  %5 = extractelement <8 x double> %0, i64 1
  %6 = call double @fgrad.cos.f64.huge(double %5)
  %7 = insertelement <8 x double> %4, double %6, i64 1
  %8 = extractelement <8 x double> %0, i64 2
  %9 = call double @fgrad.cos.f64.huge(double %8)
  %10 = insertelement <8 x double> %7, double %9, i64 2
  %11 = extractelement <8 x double> %0, i64 3
  %12 = call double @fgrad.cos.f64.huge(double %11)
  %13 = insertelement <8 x double> %10, double %12, i64 3
  %14 = extractelement <8 x double> %0, i64 4
  %15 = call double @fgrad.cos.f64.huge(double %14)
  %16 = insertelement <8 x double> %13, double %15, i64 4
  %17 = extractelement <8 x double> %0, i64 5
  %18 = call double @fgrad.cos.f64.huge(double %17)
  %19 = insertelement <8 x double> %16, double %18, i64 5
  %20 = extractelement <8 x double> %0, i64 6
  %21 = call double @fgrad.cos.f64.huge(double %20)
  %22 = insertelement <8 x double> %19, double %21, i64 6
  %23 = extractelement <8 x double> %0, i64 7
  %24 = call double @fgrad.cos.f64.huge(double %23)
  %25 = insertelement <8 x double> %22, double %24, i64 7
  ret <8 x double> %25
}

define linkonce_odr float @fgrad.cosh.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fcmp ogt float %2, 8.950000e+01
  %4 = select i1 %3, float 8.950000e+01, float %2
  %5 = fcmp olt float %4, 0x3FE19999A0000000
  %6 = call float @llvm.fmuladd.f32(float %4, float 0x3FF7154760000000, float 0x4168000000000000)
  %7 = select i1 %5, float 0x4168000000000000, float %6
  %8 = fadd float %7, 0xC168000000000000
  %9 = call float @llvm.fmuladd.f32(float %8, float 0xBFE6300000000000, float %4)
  %10 = call float @llvm.fmuladd.f32(float %8, float 0x3F2BD01060000000, float %9)
  %11 = fmul float %10, %10
  %12 = fmul float %11, %11
  %13 = call float @llvm.fmuladd.f32(float %11, float 0x3F56C15BA0000000, float 0x3FA5555560000000)
  %14 = call float @llvm.fmuladd.f32(float %12, float 0x3EFA2485C0000000, float %13)
  %15 = call float @llvm.fmuladd.f32(float %11, float %14, float 5.000000e-01)
  %16 = fmul float %11, %15
  %17 = fmul float %10, %11
  %18 = call float @llvm.fmuladd.f32(float %11, float 0x3EC73FBAC0000000, float 0x3F2A018580000000)
  %19 = call float @llvm.fmuladd.f32(float %11, float 0x3F81111120000000, float 0x3FC5555560000000)
  %20 = call float @llvm.fmuladd.f32(float %18, float %12, float %19)
  %21 = call float @llvm.fmuladd.f32(float %17, float %20, float %10)
  %22 = fcmp ogt float %4, 4.000000e+01
  %23 = bitcast float %7 to i32
  %24 = shl i32 %23, 23
  %25 = sub i32 1048576000, %24
  %26 = bitcast i32 %25 to float
  %27 = select i1 %22, float 0.000000e+00, float %26
  %28 = add i32 %24, 1048576000
  %29 = bitcast i32 %28 to float
  %30 = fsub float %29, %27
  %31 = fadd float %27, %29
  %32 = fmul float %30, %21
  %33 = call float @llvm.fmuladd.f32(float %16, float %31, float %32)
  %34 = fadd float %31, %33
  %35 = fmul float %34, 2.000000e+00
  ret float %35
}

define linkonce_odr double @fgrad.cosh.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fcmp ogt double %2, 7.105000e+02
  %4 = select i1 %3, double 7.105000e+02, double %2
  %5 = fcmp olt double %4, 5.500000e-01
  %6 = call double @llvm.fmuladd.f64(double %4, double 0x3FF71547652B82FE, double 0x4338000000000000)
  %7 = select i1 %5, double 0x4338000000000000, double %6
  %8 = fadd double %7, 0xC338000000000000
  %9 = call double @llvm.fmuladd.f64(double %8, double 0xBFE62E42FEE00000, double %4)
  %10 = call double @llvm.fmuladd.f64(double %8, double 0xBDEA39EF35793C76, double %9)
  %11 = fmul double %10, %10
  %12 = call double @llvm.fmuladd.f64(double %11, double 0x3DA952D19724EB8A, double 0x3E21EECFFBB8ECFC)
  %13 = fmul double %11, %11
  %14 = fmul double %13, %13
  %15 = call double @llvm.fmuladd.f64(double %11, double 0x3E927E4FBA625CA9, double 0x3EFA01A01A00C4CD)
  %16 = call double @llvm.fmuladd.f64(double %11, double 0x3F56C16C16C16C2E, double 0x3FA5555555555555)
  %17 = call double @llvm.fmuladd.f64(double %15, double %13, double %16)
  %18 = call double @llvm.fmuladd.f64(double %12, double %14, double %17)
  %19 = call double @llvm.fmuladd.f64(double %11, double %18, double 5.000000e-01)
  %20 = fmul double %11, %19
  %21 = fmul double %10, %11
  %22 = call double @llvm.fmuladd.f64(double %11, double 0x3DE62BA49A6D1BAA, double 0x3E5AE6337DF24C24)
  %23 = call double @llvm.fmuladd.f64(double %11, double 0x3EC71DE3AB2AD0C2, double 0x3F2A01A019FFE953)
  %24 = call double @llvm.fmuladd.f64(double %11, double 0x3F81111111111140, double 0x3FC5555555555555)
  %25 = call double @llvm.fmuladd.f64(double %23, double %13, double %24)
  %26 = call double @llvm.fmuladd.f64(double %22, double %14, double %25)
  %27 = call double @llvm.fmuladd.f64(double %21, double %26, double %10)
  %28 = fcmp ogt double %4, 4.000000e+01
  %29 = bitcast double %7 to i64
  %30 = shl i64 %29, 52
  %31 = sub i64 4598175219545276416, %30
  %32 = bitcast i64 %31 to double
  %33 = select i1 %28, double 0.000000e+00, double %32
  %34 = add i64 %30, 4598175219545276416
  %35 = bitcast i64 %34 to double
  %36 = fsub double %35, %33
  %37 = fadd double %33, %35
  %38 = fmul double %36, %27
  %39 = call double @llvm.fmuladd.f64(double %20, double %37, double %38)
  %40 = fadd double %37, %39
  %41 = fmul double %40, 2.000000e+00
  ret double %41
}

define linkonce_odr float @fgrad.digamma.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = freeze float %0
  %3 = fcmp oeq float %2, 0.000000e+00
  %4 = call float @llvm.fabs.f32(float %2)
  %5 = fcmp one float %4, 0x7FF0000000000000
  %6 = fcmp olt float %4, 0x3810000000000000
  %7 = fmul float %4, 0x4180000000000000
  %8 = select i1 %6, float %7, float %4
  %9 = bitcast float %8 to i32
  %10 = add i32 %9, 4913933
  %11 = lshr i32 %10, 23
  %12 = or i32 %11, 1258291200
  %13 = bitcast i32 %12 to float
  %14 = fadd float %13, 0xC160000FE0000000
  %15 = select i1 %6, float 2.500000e+01, float 0.000000e+00
  %16 = fsub float %14, %15
  %17 = and i32 %10, -8388608
  %18 = add i32 %9, 1065353216
  %19 = sub i32 %18, %17
  %20 = bitcast i32 %19 to float
  %21 = fadd float %20, -1.000000e+00
  %22 = fadd float %21, 2.000000e+00
  %23 = fdiv float %21, %22
  %24 = fmul float %23, %23
  %25 = call float @llvm.fmuladd.f32(float %24, float 0x3FCE257D80000000, float 0x3FD243D9E0000000)
  %26 = fmul float %24, %24
  %27 = call float @llvm.fmuladd.f32(float %24, float 0x3FD999A640000000, float 0x3FE5555560000000)
  %28 = call float @llvm.fmuladd.f32(float %25, float %26, float %27)
  %29 = fmul float %21, 5.000000e-01
  %30 = fmul float %21, %29
  %31 = call float @llvm.fmuladd.f32(float %24, float %28, float %30)
  %32 = fmul float %23, %31
  %33 = call float @llvm.fmuladd.f32(float %16, float 0xBF2BD01060000000, float %32)
  %34 = fsub float %33, %30
  %35 = fadd float %21, %34
  %36 = call float @llvm.fmuladd.f32(float %16, float 0x3FE6300000000000, float %35)
  %37 = select i1 %5, float %36, float %4
  %38 = select i1 %3, float 0xFFF0000000000000, float %37
  %39 = fcmp olt float %4, 3.000000e+00
  %40 = fcmp olt float %4, 1.000000e+00
  %41 = fadd float %4, 1.000000e+00
  %42 = select i1 %40, float %41, float %4
  %43 = select i1 %39, float %42, float 1.000000e+00
  %44 = fadd float %43, 0xBFF762D860000000
  %45 = fadd float %43, -1.000000e+00
  %46 = call float @llvm.fmuladd.f32(float %45, float 0xBF77530540000000, float 0xBFB8930800000000)
  %47 = call float @llvm.fmuladd.f32(float %46, float %45, float 0xBFD3262140000000)
  %48 = call float @llvm.fmuladd.f32(float %47, float %45, float 0x3FA3C101C0000000)
  %49 = call float @llvm.fmuladd.f32(float %48, float %45, float 0x3FE0031D40000000)
  %50 = call float @llvm.fmuladd.f32(float %45, float 0x3F7FE303E0000000, float 0x3FC5C40D40000000)
  %51 = call float @llvm.fmuladd.f32(float %50, float %45, float 0x3FEE521F40000000)
  %52 = call float @llvm.fmuladd.f32(float %51, float %45, float 0x3FFC9026C0000000)
  %53 = call float @llvm.fmuladd.f32(float %52, float %45, float 1.000000e+00)
  %54 = fdiv float %49, %53
  %55 = fadd float %54, 7.500000e-01
  %56 = fmul float %55, 0xBE4AB5F200000000
  %57 = fcmp ogt float %4, 0x3E80000000000000
  %58 = and i1 %40, %57
  %59 = fdiv float 1.000000e+00, %4
  %60 = fneg float %59
  %61 = call float @llvm.fma.f32(float %60, float %4, float 1.000000e+00)
  %62 = fmul float %59, %61
  %63 = select i1 %58, float %62, float 0.000000e+00
  %64 = fsub float %56, %63
  %65 = call float @llvm.fmuladd.f32(float %44, float %54, float %64)
  %66 = call float @llvm.fmuladd.f32(float %44, float 7.500000e-01, float %65)
  %67 = select i1 %40, float %59, float 0.000000e+00
  %68 = fsub float %66, %67
  %69 = fmul float %59, %59
  %70 = call float @llvm.fmuladd.f32(float %69, float 0xBF81110000000000, float 0x3FB5555560000000)
  %71 = call float @llvm.fmuladd.f32(float %69, float 0xBF6FE356E0000000, float 0x3F7036BB80000000)
  %72 = fmul float %69, %69
  %73 = call float @llvm.fmuladd.f32(float %71, float %72, float %70)
  %74 = fmul float %72, %72
  %75 = call float @llvm.fmuladd.f32(float %74, float 0x3F70F568A0000000, float %73)
  %76 = call float @llvm.fmuladd.f32(float %59, float %75, float 5.000000e-01)
  %77 = fmul float %59, %76
  %78 = fsub float %38, %77
  %79 = select i1 %39, float %68, float %78
  %80 = fcmp olt float %2, 0.000000e+00
  %81 = call float @fgrad.digamma.f32.negative(float %2) "vector-function-abi-variant"="_ZGV_LLVM_N4v_fgrad.digamma.f32.negative(fgrad.digamma.f32.negative.x4),_ZGV_LLVM_N8v_fgrad.digamma.f32.negative(fgrad.digamma.f32.negative.x8),_ZGV_LLVM_N16v_fgrad.digamma.f32.negative(fgrad.digamma.f32.negative.x16)"
  %82 = select i1 %80, float %81, float %79
  %83 = fdiv float -1.000000e+00, %2
  %84 = select i1 %3, float %83, float %82
  %85 = fcmp oeq float %2, 0x7FF0000000000000
  %86 = select i1 %85, float 0x7FF0000000000000, float %84
  ret float %86
}

define linkonce_odr float @fgrad.digamma.f32.negative(float %0) noinline nounwind willreturn memory(none) {
  %2 = fcmp olt float %0, 0.000000e+00
  %likely.2 = call i1 @llvm.expect.i1(i1 %2, i1 false)
  br i1 %likely.2, label %3, label %7
3:
  %4 = fpext float %0 to double
  %5 = call double @fgrad.digamma_negative.f64(double %4)
  %6 = fptrunc double %5 to float
  br label %7
7:
  %8 = phi float [ %6, %3 ], [ 0.000000e+00, %1 ]
  ret float %8
}

define linkonce_odr <16 x float> @fgrad.digamma.f32.negative.x16(<16 x float> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt <16 x float> %0, zeroinitializer
  %3 = bitcast <16 x i1> %2 to i16
  %4 = icmp eq i16 %3, 0
  %likely.4 = call i1 @llvm.expect.i1(i1 %4, i1 true)
  br i1 %likely.4, label %7, label %5
5:
  %6 = call <16 x float> @fgrad.digamma.f32.negative.x16.lanes(<16 x float> %0)
  br label %7
7:
  %8 = phi <16 x float> [ zeroinitializer, %1 ], [ %6, %5 ]
  ret <16 x float> %8
}

define linkonce_odr <16 x float> @fgrad.digamma.f32.negative.x16.lanes(<16 x float> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <16 x float> %0, i64 0
  %3 = call float @fgrad.digamma.f32.negative(float %2)
  %4 = insertelement <16 x float> %0, float %3, i64 0
  %5 = extractelement <16 x float> %0, i64 1
  %6 = call float @fgrad.digamma.f32.negative(float %5)
  %7 = insertelement <16 x float> %4, float %6, i64 1
  %8 = extractelement <16 x float> %0, i64 2
  %9 = call float @fgrad.digamma.f32.negative(float %8)
  %10 = insertelement <16 x float> %7, float %9, i64 2
  %11 = extractelement <16 x float> %0, i64 3
  %12 = call float @fgrad.digamma.f32.negative(float %11)
  %13 = insertelement <16 x float> %10, float %12, i64 3
  %14 = extractelement <16 x float> %0, i64 4
  %15 = call float @fgrad.digamma.f32.negative(float %14)
  %16 = insertelement <16 x float> %13, float %15, i64 4
  %17 = extractelement <16 x float> %0, i64 5
  %18 = call float @fgrad.digamma.f32.negative(float %17)
  %19 = insertelement <16 x float> %16, float %18, i64 5
  %20 = extractelement <16 x float> %0, i64 6
  %21 = call float @fgrad.digamma.f32.negative(float %20)
  %22 = insertelement <16 x float> %19, float %21, i64 6
  %23 = extractelement <16 x float> %0, i64 7
  %24 = call float @fgrad.digamma.f32.negative(float %23)
  %25 = insertelement <16 x float> %22, float %24, i64 7
  %26 = extractelement <16 x float> %0, i64 8
  %27 = call float @fgrad.digamma.f32.negative(float %26)
  %28 = insertelement <16 x float> %25, float %27, i64 8
  %29 = extractelement <16 x float> %0, i64 9
  %30 = call float @fgrad.digamma.f32.negative(float %29)
  %31 = insertelement <16 x float> %28, float %30, i64 9
  %32 = extractelement <16 x float> %0, i64 10
  %33 = call float @fgrad.digamma.f32.negative(float %32)
  %34 = insertelement <16 x float> %31, float %33, i64 10
  %35 = extractelement <16 x float> %0, i64 11
  %36 = call float @fgrad.digamma.f32.negative(float %35)
  %37 = insertelement <16 x float> %34, float %36, i64 11
  %38 = extractelement <16 x float> %0, i64 12
  %39 = call float @fgrad.digamma.f32.negative(float %38)
  %40 = insertelement <16 x float> %37, float %39, i64 12
  %41 = extractelement <16 x float> %0, i64 13
  %42 = call float @fgrad.digamma.f32.negative(float %41)
  %43 = insertelement <16 x float> %40, float %42, i64 13
  %44 = extractelement <16 x float> %0, i64 14
  %45 = call float @fgrad.digamma.f32.negative(float %44)
  %46 = insertelement <16 x float> %43, float %45, i64 14
  %47 = extractelement <16 x float> %0, i64 15
  %48 = call float @fgrad.digamma.f32.negative(float %47)
  %49 = insertelement <16 x float> %46, float %48, i64 15
  ret <16 x float> %49
}

define linkonce_odr <4 x float> @fgrad.digamma.f32.negative.x4(<4 x float> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt <4 x float> %0, zeroinitializer
  %3 = bitcast <4 x i1> %2 to i4
  %4 = icmp eq i4 %3, 0
  %likely.4 = call i1 @llvm.expect.i1(i1 %4, i1 true)
  br i1 %likely.4, label %7, label %5
5:
  %6 = call <4 x float> @fgrad.digamma.f32.negative.x4.lanes(<4 x float> %0)
  br label %7
7:
  %8 = phi <4 x float> [ zeroinitializer, %1 ], [ %6, %5 ]
  ret <4 x float> %8
}

define linkonce_odr <4 x float> @fgrad.digamma.f32.negative.x4.lanes(<4 x float> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <4 x float> %0, i64 0
  %3 = call float @fgrad.digamma.f32.negative(float %2)
  %4 = insertelement <4 x float> poison, float %3, i64 0
  %5 = extractelement <4 x float> %0, i64 1
  %6 = call float @fgrad.digamma.f32.negative(float %5)
  %7 = insertelement <4 x float> %4, float %6, i64 1
  %8 = extractelement <4 x float> %0, i64 2
  %9 = call float @fgrad.digamma.f32.negative(float %8)
  %10 = insertelement <4 x float> %7, float %9, i64 2
  %11 = extractelement <4 x float> %0, i64 3
  %12 = call float @fgrad.digamma.f32.negative(float %11)
  %13 = insertelement <4 x float> %10, float %12, i64 3
  ret <4 x float> %13
}

define linkonce_odr <8 x float> @fgrad.digamma.f32.negative.x8(<8 x float> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt <8 x float> %0, zeroinitializer
  %3 = bitcast <8 x i1> %2 to i8
  %4 = icmp eq i8 %3, 0
  %likely.4 = call i1 @llvm.expect.i1(i1 %4, i1 true)
  br i1 %likely.4, label %7, label %5
5:
  %6 = call <8 x float> @fgrad.digamma.f32.negative.x8.lanes(<8 x float> %0)
  br label %7
7:
  %8 = phi <8 x float> [ zeroinitializer, %1 ], [ %6, %5 ]
  ret <8 x float> %8
}

define linkonce_odr <8 x float> @fgrad.digamma.f32.negative.x8.lanes(<8 x float> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <8 x float> %0, i64 0
  %3 = call float @fgrad.digamma.f32.negative(float %2)
  %4 = insertelement <8 x float> poison, float %3, i64 0
  %5 = extractelement <8 x float> %0, i64 1
  %6 = call float @fgrad.digamma.f32.negative(float %5)
  %7 = insertelement <8 x float> %4, float %6, i64 1
  %8 = extractelement <8 x float> %0, i64 2
  %9 = call float @fgrad.digamma.f32.negative(float %8)
  %10 = insertelement <8 x float> %7, float %9, i64 2
  %11 = extractelement <8 x float> %0, i64 3
  %12 = call float @fgrad.digamma.f32.negative(float %11)
  %13 = insertelement <8 x float> %10, float %12, i64 3
  %14 = extractelement <8 x float> %0, i64 4
  %15 = call float @fgrad.digamma.f32.negative(float %14)
  %16 = insertelement <8 x float> %13, float %15, i64 4
  %17 = extractelement <8 x float> %0, i64 5
  %18 = call float @fgrad.digamma.f32.negative(float %17)
  %19 = insertelement <8 x float> %16, float %18, i64 5
  %20 = extractelement <8 x float> %0, i64 6
  %21 = call float @fgrad.digamma.f32.negative(float %20)
  %22 = insertelement <8 x float> %19, float %21, i64 6
  %23 = extractelement <8 x float> %0, i64 7
  %24 = call float @fgrad.digamma.f32.negative(float %23)
  %25 = insertelement <8 x float> %22, float %24, i64 7
  ret <8 x float> %25
}

define linkonce_odr double @fgrad.digamma.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = freeze double %0
  %3 = fcmp oeq double %2, 0.000000e+00
  %4 = call double @llvm.fabs.f64(double %2)
  %5 = fcmp one double %4, 0x7FF0000000000000
  %6 = fcmp olt double %4, 0x10000000000000
  %7 = fmul double %4, 0x4350000000000000
  %8 = select i1 %6, double %7, double %4
  %9 = bitcast double %8 to i64
  %10 = add i64 %9, 2638147582215219
  %11 = lshr i64 %10, 52
  %12 = or i64 %11, 4841369599423283200
  %13 = bitcast i64 %12 to double
  %14 = fadd double %13, 0xC3300000000003FF
  %15 = select i1 %6, double 5.400000e+01, double 0.000000e+00
  %16 = fsub double %14, %15
  %17 = and i64 %10, -4503599627370496
  %18 = add i64 %9, 4607182418800017408
  %19 = sub i64 %18, %17
  %20 = bitcast i64 %19 to double
  %21 = fadd double %20, -1.000000e+00
  %22 = fadd double %21, 2.000000e+00
  %23 = fdiv double %21, %22
  %24 = fmul double %23, %23
  %25 = fmul double %24, %24
  %26 = call double @llvm.fmuladd.f64(double %24, double 0x3FC39B79F6A54269, double 0x3FC74655460D71F8)
  %27 = call double @llvm.fmuladd.f64(double %25, double 0x3FC2E36E829BFE76, double %26)
  %28 = fmul double %25, %25
  %29 = call double @llvm.fmuladd.f64(double %24, double 0x3FCC71C56ED6F79F, double 0x3FD2492493B36AA3)
  %30 = call double @llvm.fmuladd.f64(double %24, double 0x3FD9999999988A1A, double 0x3FE5555555555572)
  %31 = call double @llvm.fmuladd.f64(double %29, double %25, double %30)
  %32 = call double @llvm.fmuladd.f64(double %27, double %28, double %31)
  %33 = fmul double %21, 5.000000e-01
  %34 = fmul double %21, %33
  %35 = call double @llvm.fmuladd.f64(double %24, double %32, double %34)
  %36 = fmul double %23, %35
  %37 = call double @llvm.fmuladd.f64(double %16, double 0x3DEA39EF35793C76, double %36)
  %38 = fsub double %37, %34
  %39 = fadd double %21, %38
  %40 = call double @llvm.fmuladd.f64(double %16, double 0x3FE62E42FEE00000, double %39)
  %41 = select i1 %5, double %40, double %4
  %42 = select i1 %3, double 0xFFF0000000000000, double %41
  %43 = fcmp olt double %4, 3.000000e+00
  %44 = fcmp olt double %4, 1.000000e+00
  %45 = fadd double %4, 1.000000e+00
  %46 = select i1 %44, double %45, double %4
  %47 = select i1 %43, double %46, double 1.000000e+00
  %48 = fadd double %47, 0xBFF762D86356BE3F
  %49 = fadd double %47, -1.000000e+00
  %50 = call double @llvm.fmuladd.f64(double %49, double 0xBED7096EBDE8E32F, double 0xBF3AED7792BD38C4)
  %51 = call double @llvm.fmuladd.f64(double %50, double %49, double 0xBF818909F657E493)
  %52 = call double @llvm.fmuladd.f64(double %51, double %49, double 0xBFB21209BC6FD1E5)
  %53 = call double @llvm.fmuladd.f64(double %52, double %49, double 0xBFCF34703222B68E)
  %54 = call double @llvm.fmuladd.f64(double %53, double %49, double 0xBFD028D13F29D09E)
  %55 = call double @llvm.fmuladd.f64(double %54, double %49, double 0x3FD29E32247AABF8)
  %56 = call double @llvm.fmuladd.f64(double %55, double %49, double 0x3FE0031D34C4A4BC)
  %57 = call double @llvm.fmuladd.f64(double %49, double 0x3EDEF1E7500F3CDE, double 0x3F43A92B1265DD17)
  %58 = call double @llvm.fmuladd.f64(double %57, double %49, double 0x3F8D7BF741FE4038)
  %59 = call double @llvm.fmuladd.f64(double %58, double %49, double 0x3FC2F536B6C23F04)
  %60 = call double @llvm.fmuladd.f64(double %59, double %49, double 0x3FE7E7D45A7FC8E3)
  %61 = call double @llvm.fmuladd.f64(double %60, double %49, double 0x3FFE6F6BA70FF3A8)
  %62 = call double @llvm.fmuladd.f64(double %61, double %49, double 0x400250CEE5733466)
  %63 = call double @llvm.fmuladd.f64(double %62, double %49, double 1.000000e+00)
  %64 = fdiv double %56, %63
  %65 = fadd double %64, 7.500000e-01
  %66 = fmul double %65, 0xBC9B86A722197829
  %67 = fcmp ogt double %4, 0x3CB0000000000000
  %68 = and i1 %44, %67
  %69 = fdiv double 1.000000e+00, %4
  %70 = fneg double %69
  %71 = call double @llvm.fma.f64(double %70, double %4, double 1.000000e+00)
  %72 = fmul double %69, %71
  %73 = select i1 %68, double %72, double 0.000000e+00
  %74 = fsub double %66, %73
  %75 = call double @llvm.fmuladd.f64(double %48, double %64, double %74)
  %76 = call double @llvm.fmuladd.f64(double %48, double 7.500000e-01, double %75)
  %77 = select i1 %44, double %69, double 0.000000e+00
  %78 = fsub double %76, %77
  %79 = fmul double %69, %69
  %80 = call double @llvm.fmuladd.f64(double %79, double 0xBF811111110FC2F4, double 0x3FB5555555555551)
  %81 = call double @llvm.fmuladd.f64(double %79, double 0xBF71110DBC054971, double 0x3F7041040B8E9BAD)
  %82 = call double @llvm.fmuladd.f64(double %79, double 0xBF9587A86E0C0BFF, double 0x3F7F06855E921F58)
  %83 = call double @llvm.fmuladd.f64(double %79, double 0xBFD82028276EC3DA, double 0x3FB4AF4E2F2CBA22)
  %84 = call double @llvm.fmuladd.f64(double %79, double 0xC01B966F07DF24CD, double 0x3FFC6418DDC53804)
  %85 = call double @llvm.fmuladd.f64(double %79, double 0xC036783662C05E5A, double 0x4031FB06CC456850)
  %86 = fmul double %79, %79
  %87 = call double @llvm.fmuladd.f64(double %81, double %86, double %80)
  %88 = call double @llvm.fmuladd.f64(double %83, double %86, double %82)
  %89 = call double @llvm.fmuladd.f64(double %85, double %86, double %84)
  %90 = fmul double %86, %86
  %91 = call double @llvm.fmuladd.f64(double %88, double %90, double %87)
  %92 = fmul double %90, %90
  %93 = call double @llvm.fmuladd.f64(double %89, double %92, double %91)
  %94 = call double @llvm.fmuladd.f64(double %69, double %93, double 5.000000e-01)
  %95 = fmul double %69, %94
  %96 = fsub double %42, %95
  %97 = select i1 %43, double %78, double %96
  %98 = fcmp olt double %2, 0.000000e+00
  %99 = call double @fgrad.digamma.f64.negative(double %2) "vector-function-abi-variant"="_ZGV_LLVM_N2v_fgrad.digamma.f64.negative(fgrad.digamma.f64.negative.x2),_ZGV_LLVM_N4v_fgrad.digamma.f64.negative(fgrad.digamma.f64.negative.x4),_ZGV_LLVM_N8v_fgrad.digamma.f64.negative(fgrad.digamma.f64.negative.x8)"
  %100 = select i1 %98, double %99, double %97
  %101 = fdiv double -1.000000e+00, %2
  %102 = select i1 %3, double %101, double %100
  %103 = fcmp oeq double %2, 0x7FF0000000000000
  %104 = select i1 %103, double 0x7FF0000000000000, double %102
  ret double %104
}

define linkonce_odr double @fgrad.digamma.f64.negative(double %0) noinline nounwind willreturn memory(none) {
  %2 = fcmp olt double %0, 0.000000e+00
  %likely.2 = call i1 @llvm.expect.i1(i1 %2, i1 false)
  br i1 %likely.2, label %3, label %5
3:
  %4 = call double @fgrad.digamma_negative.f64(double %0)
  br label %5
5:
  %6 = phi double [ %4, %3 ], [ 0.000000e+00, %1 ]
  ret double %6
}

define linkonce_odr <2 x double> @fgrad.digamma.f64.negative.x2(<2 x double> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt <2 x double> %0, zeroinitializer
  %3 = bitcast <2 x i1> %2 to i2
  %4 = icmp eq i2 %3, 0
  %likely.4 = call i1 @llvm.expect.i1(i1 %4, i1 true)
  br i1 %likely.4, label %7, label %5
5:
  %6 = call <2 x double> @fgrad.digamma.f64.negative.x2.lanes(<2 x double> %0)
  br label %7
7:
  %8 = phi <2 x double> [ zeroinitializer, %1 ], [ %6, %5 ]
  ret <2 x double> %8
}

define linkonce_odr <2 x double> @fgrad.digamma.f64.negative.x2.lanes(<2 x double> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <2 x double> %0, i64 0
  %3 = call double @fgrad.digamma.f64.negative(double %2)
  %4 = insertelement <2 x double> poison, double %3, i64 0
  %5 = extractelement <2 x double> %0, i64 1
  %6 = call double @fgrad.digamma.f64.negative(double %5)
  %7 = insertelement <2 x double> %4, double %6, i64 1
  ret <2 x double> %7
}

define linkonce_odr <4 x double> @fgrad.digamma.f64.negative.x4(<4 x double> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt <4 x double> %0, zeroinitializer
  %3 = bitcast <4 x i1> %2 to i4
  %4 = icmp eq i4 %3, 0
  %likely.4 = call i1 @llvm.expect.i1(i1 %4, i1 true)
  br i1 %likely.4, label %7, label %5
5:
  %6 = call <4 x double> @fgrad.digamma.f64.negative.x4.lanes(<4 x double> %0)
  br label %7
7:
  %8 = phi <4 x double> [ zeroinitializer, %1 ], [ %6, %5 ]
  ret <4 x double> %8
}

define linkonce_odr <4 x double> @fgrad.digamma.f64.negative.x4.lanes(<4 x double> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <4 x double> %0, i64 0
  %3 = call double @fgrad.digamma.f64.negative(double %2)
  %4 = insertelement <4 x double> poison, double %3, i64 0
  %5 = extractelement <4 x double> %0, i64 1
  %6 = call double @fgrad.digamma.f64.negative(double %5)
  %7 = insertelement <4 x double> %4, double %6, i64 1
  %8 = extractelement <4 x double> %0, i64 2
  %9 = call double @fgrad.digamma.f64.negative(double %8)
  %10 = insertelement <4 x double> %7, double %9, i64 2
  %11 = extractelement <4 x double> %0, i64 3
  %12 = call double @fgrad.digamma.f64.negative(double %11)
  %13 = insertelement <4 x double> %10, double %12, i64 3
  ret <4 x double> %13
}

define linkonce_odr <8 x double> @fgrad.digamma.f64.negative.x8(<8 x double> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt <8 x double> %0, zeroinitializer
  %3 = bitcast <8 x i1> %2 to i8
  %4 = icmp eq i8 %3, 0
  %likely.4 = call i1 @llvm.expect.i1(i1 %4, i1 true)
  br i1 %likely.4, label %7, label %5
5:
  %6 = call <8 x double> @fgrad.digamma.f64.negative.x8.lanes(<8 x double> %0)
  br label %7
7:
  %8 = phi <8 x double> [ zeroinitializer, %1 ], [ %6, %5 ]
  ret <8 x double> %8
}

define linkonce_odr <8 x double> @fgrad.digamma.f64.negative.x8.lanes(<8 x double> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <8 x double> %0, i64 0
  %3 = call double @fgrad.digamma.f64.negative(double %2)
  %4 = insertelement <8 x double> poison, double %3, i64 0
  %5 = extractelement <8 x double> %0, i64 1
  %6 = call double @fgrad.digamma.f64.negative(double %5)
  %7 = insertelement <8 x double> %4, double %6, i64 1
  %8 = extractelement <8 x double> %0, i64 2
  %9 = call double @fgrad.digamma.f64.negative(double %8)
  %10 = insertelement <8 x double> %7, double %9, i64 2
  %11 = extractelement <8 x double> %0, i64 3
  %12 = call double @fgrad.digamma.f64.negative(double %11)
  %13 = insertelement <8 x double> %10, double %12, i64 3
  %14 = extractelement <8 x double> %0, i64 4
  %15 = call double @fgrad.digamma.f64.negative(double %14)
  %16 = insertelement <8 x double> %13, double %15, i64 4
  %17 = extractelement <8 x double> %0, i64 5
  %18 = call double @fgrad.digamma.f64.negative(double %17)
  %19 = insertelement <8 x double> %16, double %18, i64 5
  %20 = extractelement <8 x double> %0, i64 6
  %21 = call double @fgrad.digamma.f64.negative(double %20)
  %22 = insertelement <8 x double> %19, double %21, i64 6
  %23 = extractelement <8 x double> %0, i64 7
  %24 = call double @fgrad.digamma.f64.negative(double %23)
  %25 = insertelement <8 x double> %22, double %24, i64 7
  ret <8 x double> %25
}

define linkonce_odr double @fgrad.digamma_negative.f64(double %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = fneg double %0
  %3 = call double @llvm.rint.f64(double %2)
  %4 = fadd double %0, %3
  %5 = fcmp oeq double %4, 0.000000e+00
  %6 = fcmp oeq double %0, 0xFFF0000000000000
  %7 = or i1 %6, %5
  br i1 %7, label %346, label %8
8:
  %9 = fcmp ogt double %0, -1.000000e-100
  br i1 %9, label %10, label %12
10:
  %11 = fcmp oeq double %0, 0.000000e+00
  %likely.11 = call i1 @llvm.expect.i1(i1 %11, i1 false)
  br i1 %likely.11, label %346, label %280
12:
  %13 = fcmp ogt double %3, 1.800000e+01
  br i1 %13, label %14, label %282
14:
  %15 = call double @llvm.fabs.f64(double %4)
  %16 = fcmp ogt double %15, 2.500000e-01
  %17 = fsub double 5.000000e-01, %15
  %18 = select i1 %16, double %17, double %15
  %19 = fmul double %18, 0x400921FB54442D18
  %20 = fneg double %19
  %21 = call double @llvm.fma.f64(double %18, double 0x400921FB54442D18, double %20)
  %22 = call double @llvm.fmuladd.f64(double %18, double 0x3CA1A62633145C07, double %21)
  %23 = fmul double %19, %19
  %24 = fneg double %23
  %25 = call double @llvm.fma.f64(double %19, double %19, double %24)
  %26 = call double @llvm.fmuladd.f64(double %22, double %19, double %25)
  %27 = call double @llvm.fmuladd.f64(double %19, double %22, double %26)
  %28 = call double @llvm.fmuladd.f64(double %23, double 0x3CE92EF517A8E7F6, double 0xBD6AE7DA782CEB57)
  %29 = call double @llvm.fmuladd.f64(double %28, double %23, double 0x3DE612460B54B836)
  %30 = call double @llvm.fmuladd.f64(double %29, double %23, double 0xBE5AE64567F2CDD8)
  %31 = call double @llvm.fmuladd.f64(double %30, double %23, double 0x3EC71DE3A556C6EF)
  %32 = call double @llvm.fmuladd.f64(double %31, double %23, double 0xBF2A01A01A01A01A)
  br label %167
33:
  br label %34
34:
  %35 = phi double [ %212, %33 ], [ %190, %189 ]
  %36 = phi double [ %218, %33 ], [ %194, %189 ]
  %37 = phi double [ %190, %33 ], [ %212, %189 ]
  %38 = phi double [ %194, %33 ], [ %218, %189 ]
  %39 = fdiv double 1.000000e+00, %35
  %40 = fneg double %39
  %41 = call double @llvm.fma.f64(double %40, double %35, double 1.000000e+00)
  %42 = fmul double %39, %36
  %43 = fsub double %41, %42
  %44 = fmul double %39, %43
  %45 = fmul double %39, %37
  %46 = fneg double %45
  %47 = call double @llvm.fma.f64(double %39, double %37, double %46)
  %48 = call double @llvm.fmuladd.f64(double %44, double %37, double %47)
  %49 = call double @llvm.fmuladd.f64(double %39, double %38, double %48)
  %50 = fmul double %45, 0x400921FB54442D18
  %51 = fneg double %50
  %52 = call double @llvm.fma.f64(double %45, double 0x400921FB54442D18, double %51)
  %53 = call double @llvm.fmuladd.f64(double %49, double 0x400921FB54442D18, double %52)
  %54 = call double @llvm.fmuladd.f64(double %45, double 0x3CA1A62633145C07, double %53)
  %55 = fcmp ogt double %4, 0.000000e+00
  %56 = fneg double %54
  %57 = select i1 %55, double %51, double %50
  %58 = select i1 %55, double %56, double %54
  %59 = bitcast double %2 to i64
  %60 = add i64 %59, 2638147582215219
  %61 = lshr i64 %60, 52
  %62 = and i64 %60, -4503599627370496
  %63 = add i64 %59, 4607182418800017408
  %64 = sub i64 %63, %62
  %65 = bitcast i64 %64 to double
  %66 = or i64 %61, 4841369599423283200
  %67 = bitcast i64 %66 to double
  %68 = fadd double %67, 0xC3300000000003FF
  %69 = fadd double %65, -1.000000e+00
  %70 = fadd double %69, 2.000000e+00
  %71 = fadd double %70, -2.000000e+00
  %72 = fsub double %69, %71
  %73 = fdiv double 1.000000e+00, %70
  %74 = fmul double %69, %73
  %75 = fneg double %74
  %76 = call double @llvm.fma.f64(double %75, double %70, double %69)
  %77 = fmul double %74, %72
  %78 = fsub double %76, %77
  %79 = fmul double %73, %78
  %80 = fmul double %74, %74
  %81 = fneg double %80
  %82 = call double @llvm.fma.f64(double %74, double %74, double %81)
  %83 = fadd double %74, %74
  %84 = call double @llvm.fmuladd.f64(double %83, double %79, double %82)
  %85 = fmul double %74, %80
  %86 = fneg double %85
  %87 = call double @llvm.fma.f64(double %74, double %80, double %86)
  %88 = fmul double %80, %79
  %89 = call double @llvm.fmuladd.f64(double %74, double %84, double %88)
  %90 = fadd double %87, %89
  %91 = fmul double %85, 0x3FE5555555555555
  %92 = fneg double %91
  %93 = call double @llvm.fma.f64(double %85, double 0x3FE5555555555555, double %92)
  %94 = fmul double %90, 0x3FE5555555555555
  %95 = call double @llvm.fmuladd.f64(double %85, double 0x3C85555555555555, double %94)
  %96 = fadd double %93, %95
  %97 = fmul double %80, %85
  %98 = call double @llvm.fmuladd.f64(double %80, double 0x3FD249249248315A, double 0x3FD99999999999CD)
  %99 = call double @llvm.fmuladd.f64(double %80, double 0x3FC745CFF38ABF57, double 0x3FCC71C71EFAD569)
  %100 = call double @llvm.fmuladd.f64(double %80, double 0x3FC0FD95799E7E2D, double 0x3FC3B1B12551ADBB)
  %101 = fmul double %80, %80
  %102 = call double @llvm.fmuladd.f64(double %99, double %101, double %98)
  %103 = call double @llvm.fmuladd.f64(double %101, double 0x3FC0B0A11C184235, double %100)
  %104 = fmul double %101, %101
  %105 = call double @llvm.fmuladd.f64(double %103, double %104, double %102)
  %106 = call double @llvm.fmuladd.f64(double %97, double %105, double %96)
  %107 = fadd double %83, %91
  %108 = fsub double %107, %83
  %109 = fsub double %91, %108
  %110 = fadd double %79, %79
  %111 = fadd double %110, %106
  %112 = fadd double %109, %111
  %113 = fmul double %68, 0x3FE62E42FEFA3800
  %114 = fadd double %113, %107
  %115 = fsub double %114, %113
  %116 = fsub double %114, %115
  %117 = fsub double %113, %116
  %118 = fsub double %107, %115
  %119 = fadd double %118, %117
  %120 = call double @llvm.fmuladd.f64(double %68, double 0x3D2EF35793C76730, double %112)
  %121 = fadd double %119, %120
  %122 = fadd double %114, %121
  %123 = fsub double %122, %114
  %124 = fsub double %121, %123
  %125 = fsub double %2, %0
  %126 = fdiv double 1.000000e+00, %125
  %127 = fneg double %126
  %128 = call double @llvm.fma.f64(double %127, double %125, double 1.000000e+00)
  %129 = fmul double %126, 0.000000e+00
  %130 = fsub double %128, %129
  %131 = fmul double %126, %130
  %132 = fadd double %122, %57
  %133 = fsub double %132, %122
  %134 = fsub double %132, %133
  %135 = fsub double %122, %134
  %136 = fsub double %57, %133
  %137 = fadd double %136, %135
  %138 = fadd double %126, %132
  %139 = fsub double %138, %132
  %140 = fsub double %138, %139
  %141 = fsub double %132, %140
  %142 = fsub double %126, %139
  %143 = fadd double %142, %141
  %144 = fmul double %126, 4.000000e+00
  %145 = fmul double %126, %144
  %146 = fadd double %137, %143
  %147 = fadd double %131, %124
  %148 = fneg double %145
  %149 = call double @llvm.fmuladd.f64(double %145, double 0xBF81111111111111, double 0x3FB5555555555555)
  %150 = call double @llvm.fmuladd.f64(double %145, double 0xBF711111110830F5, double 0x3F70410410410331)
  %151 = call double @llvm.fmuladd.f64(double %145, double 0xBF95993B719FF681, double 0x3F7F07C1C4236C7B)
  %152 = call double @llvm.fmuladd.f64(double %145, double 0xBFDA1A12D3F1E5B5, double 0x3FB549F02F46D3EC)
  %153 = fmul double %145, %145
  %154 = call double @llvm.fmuladd.f64(double %150, double %153, double %149)
  %155 = call double @llvm.fmuladd.f64(double %152, double %153, double %151)
  %156 = fmul double %153, %153
  %157 = call double @llvm.fmuladd.f64(double %155, double %156, double %154)
  %158 = call double @llvm.fmuladd.f64(double %148, double %157, double %58)
  %159 = fadd double %147, %158
  %160 = fadd double %159, %146
  %161 = fadd double %138, %160
  br label %346
162:
  %163 = call double @llvm.fmuladd.f64(double %23, double 0x3D2AC4802CA372DA, double 0xBDA9396114C12A20)
  %164 = call double @llvm.fmuladd.f64(double %163, double %23, double 0x3E21EED8EB8E9EE4)
  %165 = call double @llvm.fmuladd.f64(double %164, double %23, double 0xBE927E4FB777ECED)
  %166 = call double @llvm.fmuladd.f64(double %165, double %23, double 0x3EFA01A01A01A011)
  br label %195
167:
  %168 = phi double [ %32, %14 ], [ %181, %167 ]
  %169 = phi double [ 0.000000e+00, %14 ], [ %187, %167 ]
  %170 = phi i64 [ 3, %14 ], [ %172, %167 ]
  %171 = phi i64 [ 2, %14 ], [ %173, %167 ]
  %172 = add nsw i64 %170, -1
  %173 = add nsw i64 %171, -1
  %174 = fmul double %23, %168
  %175 = fneg double %174
  %176 = call double @llvm.fma.f64(double %168, double %23, double %175)
  %177 = call double @llvm.fmuladd.f64(double %169, double %23, double %176)
  %178 = call double @llvm.fmuladd.f64(double %168, double %27, double %177)
  %179 = getelementptr double, ptr @fgrad.digamma_negative.f64.constant0, i64 %171
  %180 = load double, ptr %179, align 8
  %181 = fadd double %174, %180
  %182 = fsub double %181, %180
  %183 = fsub double %174, %182
  %184 = getelementptr double, ptr @fgrad.digamma_negative.f64.constant1, i64 %171
  %185 = load double, ptr %184, align 8
  %186 = fadd double %185, %183
  %187 = fadd double %178, %186
  %188 = icmp ugt i64 %170, 1
  br i1 %188, label %167, label %162
189:
  %190 = fmul double %19, %181
  %191 = fneg double %190
  %192 = call double @llvm.fma.f64(double %181, double %19, double %191)
  %193 = call double @llvm.fmuladd.f64(double %187, double %19, double %192)
  %194 = call double @llvm.fmuladd.f64(double %181, double %22, double %193)
  br i1 %16, label %33, label %34
195:
  %196 = phi double [ %166, %162 ], [ %212, %195 ]
  %197 = phi double [ 0.000000e+00, %162 ], [ %218, %195 ]
  %198 = phi i64 [ 4, %162 ], [ %200, %195 ]
  %199 = phi i64 [ 3, %162 ], [ %201, %195 ]
  %200 = add nsw i64 %198, -1
  %201 = add nsw i64 %199, -1
  %202 = fmul double %23, %196
  %203 = fneg double %202
  %204 = call double @llvm.fma.f64(double %196, double %23, double %203)
  %205 = call double @llvm.fmuladd.f64(double %197, double %23, double %204)
  %206 = call double @llvm.fmuladd.f64(double %196, double %27, double %205)
  %207 = lshr i64 %199, 61
  %208 = and i64 %207, 4
  %209 = add i64 %208, %199
  %210 = getelementptr double, ptr @fgrad.digamma_negative.f64.constant2, i64 %209
  %211 = load double, ptr %210, align 8
  %212 = fadd double %202, %211
  %213 = fsub double %212, %211
  %214 = fsub double %202, %213
  %215 = getelementptr double, ptr @fgrad.digamma_negative.f64.constant3, i64 %209
  %216 = load double, ptr %215, align 8
  %217 = fadd double %216, %214
  %218 = fadd double %206, %217
  %219 = icmp ugt i64 %198, 1
  br i1 %219, label %195, label %189
220:
  %221 = phi double [ %231, %220 ], [ %315, %302 ]
  %222 = phi double [ %238, %220 ], [ %322, %302 ]
  %223 = phi double [ %239, %220 ], [ 0.000000e+00, %302 ]
  %224 = fsub double %223, %4
  %225 = fdiv double 1.000000e+00, %224
  %226 = fneg double %225
  %227 = call double @llvm.fma.f64(double %226, double %224, double 1.000000e+00)
  %228 = fmul double %225, 0.000000e+00
  %229 = fsub double %227, %228
  %230 = fmul double %225, %229
  %231 = fadd double %221, %225
  %232 = fsub double %231, %221
  %233 = fsub double %231, %232
  %234 = fsub double %221, %233
  %235 = fsub double %225, %232
  %236 = fadd double %235, %234
  %237 = fadd double %230, %236
  %238 = fadd double %222, %237
  %239 = fadd double %223, 1.000000e+00
  %240 = fcmp ugt double %239, %3
  br i1 %240, label %241, label %220
241:
  %242 = phi double [ %315, %302 ], [ %231, %220 ]
  %243 = phi double [ %322, %302 ], [ %238, %220 ]
  %244 = fadd double %242, %243
  %245 = fptosi double %3 to i64
  %246 = call double @llvm.fabs.f64(double %244)
  %247 = fcmp olt double %246, 0x3F40000000000000
  %248 = icmp sgt i64 %245, 0
  %249 = select i1 %247, i1 %248, i1 false
  br i1 %249, label %250, label %346
250:
  %251 = shl i64 %245, 6
  %252 = getelementptr i8, ptr @fgrad.digamma_negative.f64.constant4, i64 %251
  %253 = getelementptr i8, ptr %252, i64 -64
  %254 = load double, ptr %253, align 8
  %255 = fsub double %0, %254
  %256 = getelementptr i8, ptr %252, i64 -48
  %257 = load double, ptr %256, align 8
  %258 = getelementptr i8, ptr %252, i64 -56
  %259 = load double, ptr %258, align 8
  %260 = fsub double %255, %259
  %261 = fmul double %260, %260
  %262 = getelementptr i8, ptr %252, i64 -8
  %263 = load double, ptr %262, align 8
  %264 = getelementptr i8, ptr %252, i64 -16
  %265 = load double, ptr %264, align 8
  %266 = call double @llvm.fmuladd.f64(double %263, double %260, double %265)
  %267 = getelementptr i8, ptr %252, i64 -24
  %268 = load double, ptr %267, align 8
  %269 = call double @llvm.fmuladd.f64(double %266, double %260, double %268)
  %270 = getelementptr i8, ptr %252, i64 -32
  %271 = load double, ptr %270, align 8
  %272 = call double @llvm.fmuladd.f64(double %269, double %260, double %271)
  %273 = getelementptr i8, ptr %252, i64 -40
  %274 = load double, ptr %273, align 8
  %275 = fneg double %259
  %276 = fmul double %257, %275
  %277 = call double @llvm.fmuladd.f64(double %255, double %274, double %276)
  %278 = call double @llvm.fmuladd.f64(double %261, double %272, double %277)
  %279 = call double @llvm.fmuladd.f64(double %255, double %257, double %278)
  br label %346
280:
  %281 = fdiv double -1.000000e+00, %0
  br label %346
282:
  %283 = call double @llvm.fmuladd.f64(double %4, double 0x3E56C4B76159F11D, double 0xBE660B9CB112D5D2)
  %284 = call double @llvm.fmuladd.f64(double %283, double %4, double 0x3E6DDDF50E1F16ED)
  %285 = call double @llvm.fmuladd.f64(double %284, double %4, double 0xBE7E4C2F5EB26B8E)
  %286 = call double @llvm.fmuladd.f64(double %285, double %4, double 0x3E9017F77B69E22C)
  %287 = call double @llvm.fmuladd.f64(double %286, double %4, double 0xBEA0115D5A6F7640)
  %288 = call double @llvm.fmuladd.f64(double %287, double %4, double 0x3EB0000450765D1F)
  %289 = call double @llvm.fmuladd.f64(double %288, double %4, double 0xBEC0011B648CFD05)
  %290 = call double @llvm.fmuladd.f64(double %289, double %4, double 0x3ED002D3CFCFC8F8)
  %291 = call double @llvm.fmuladd.f64(double %290, double %4, double 0xBEE00435C96BC67A)
  %292 = call double @llvm.fmuladd.f64(double %291, double %4, double 0x3EF0064CA8DA3FF6)
  %293 = call double @llvm.fmuladd.f64(double %292, double %4, double 0xBF00097BB4DDC1CE)
  %294 = call double @llvm.fmuladd.f64(double %293, double %4, double 0x3F100E4AF35FB9BD)
  %295 = call double @llvm.fmuladd.f64(double %294, double %4, double 0xBF201593A150AD5E)
  %296 = call double @llvm.fmuladd.f64(double %295, double %4, double 0x3F3020A5B2CC04F9)
  %297 = call double @llvm.fmuladd.f64(double %296, double %4, double 0xBF40318DF2455173)
  %298 = call double @llvm.fmuladd.f64(double %297, double %4, double 0x3F504B8CE96EE6EA)
  %299 = call double @llvm.fmuladd.f64(double %298, double %4, double 0xBF6073E7B02D6B03)
  %300 = call double @llvm.fmuladd.f64(double %299, double %4, double 0x3F70B36AF86396E9)
  %301 = call double @llvm.fmuladd.f64(double %300, double %4, double 0xBF81196D0A679C47)
  br label %324
302:
  %303 = fadd double %4, 1.000000e+00
  %304 = fadd double %303, -1.000000e+00
  %305 = fsub double %304, %303
  %306 = fadd double %305, 1.000000e+00
  %307 = fsub double %4, %304
  %308 = fadd double %307, %306
  %309 = fdiv double 1.000000e+00, %303
  %310 = fneg double %309
  %311 = call double @llvm.fma.f64(double %310, double %303, double 1.000000e+00)
  %312 = fmul double %309, %308
  %313 = fsub double %311, %312
  %314 = fmul double %309, %313
  %315 = fsub double %338, %309
  %316 = fsub double %315, %338
  %317 = fsub double %315, %316
  %318 = fsub double %338, %317
  %319 = fsub double %310, %316
  %320 = fadd double %319, %318
  %321 = fsub double %344, %314
  %322 = fadd double %321, %320
  %323 = fcmp ult double %3, 0.000000e+00
  br i1 %323, label %241, label %220
324:
  %325 = phi double [ 0.000000e+00, %282 ], [ %344, %324 ]
  %326 = phi double [ %301, %282 ], [ %338, %324 ]
  %327 = phi i64 [ 5, %282 ], [ %330, %324 ]
  %328 = phi i64 [ 6, %282 ], [ %329, %324 ]
  %329 = add nsw i64 %328, -1
  %330 = add nsw i64 %327, -1
  %331 = fmul double %4, %326
  %332 = fneg double %331
  %333 = call double @llvm.fma.f64(double %326, double %4, double %332)
  %334 = call double @llvm.fmuladd.f64(double %325, double %4, double %333)
  %335 = call double @llvm.fmuladd.f64(double %326, double 0.000000e+00, double %334)
  %336 = getelementptr double, ptr @fgrad.digamma_negative.f64.constant5, i64 %327
  %337 = load double, ptr %336, align 8
  %338 = fadd double %331, %337
  %339 = fsub double %338, %337
  %340 = fsub double %331, %339
  %341 = getelementptr double, ptr @fgrad.digamma_negative.f64.constant6, i64 %327
  %342 = load double, ptr %341, align 8
  %343 = fadd double %342, %340
  %344 = fadd double %335, %343
  %345 = icmp ugt i64 %328, 1
  br i1 %345, label %324, label %302
346:
  %347 = phi double [ 0x7FF8000000000000, %1 ], [ %244, %241 ], [ %281, %280 ], [ %161, %34 ], [ %279, %250 ], [ 0.000000e+00, %10 ]
  ret double %347
}

@fgrad.digamma_negative.f64.constant0 = private unnamed_addr constant [24 x i8] c"\00\00\00\00\00\00\F0?UUUUUU\C5\BF\11\11\11\11\11\11\81?", align 8

@fgrad.digamma_negative.f64.constant1 = private unnamed_addr constant [24 x i8] c"\00\00\00\00\00\00\00\00UUUUUUe\BC\11\11\11\11\11\11\01<", align 8

@fgrad.digamma_negative.f64.constant2 = private unnamed_addr constant [32 x i8] c"\00\00\00\00\00\00\F0?\00\00\00\00\00\00\E0\BFUUUUUU\A5?\17l\C1\16l\C1V\BF", align 8

@fgrad.digamma_negative.f64.constant3 = private unnamed_addr constant [32 x i8] c"\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00UUUUUUE<\9F\F4I\9F\F4I\EF;", align 8

@fgrad.digamma_negative.f64.constant4 = private unnamed_addr constant [1152 x i8] c"`\E2^\B0r!\E0\BF\F6\BF\05Dp\CDb\BC(\AE\D5F-\E1!@\8AH\BD\10\B0\CB\C0<@\86\97t(\E6\E9\BFS<\B1\E3\18!@@\02t{F\8D\16\06\C0\DC\B6~\E2\BF\08`@J\9D(\BC\0C-\F9\BF\E40J\14-&r\BC\1ED\9A\12\0E\E2#@k\EEe\13\A3D\B9\BC\D4\A1\E61\DB5\1F\C0\9D\AFM~\B9\F4C@\F3\EC\0DT\14iK\C0\AA\E9_\F7\00Nh@Z\9Eg\9F\C1\E2\04\C0GO\D1\9B\99{\9C<\83\B7\01'X\B2%@\E9\FC\D4\96\F0\C1\CE\BC\09\F5\E5\8E\9C\8A)\C0\94\EF\EF3\D2\9BI@K\DA\D9O\08\0DY\C0\8A\DFIB}-s@\A8\B2A\B0\14\15\0D\C0FT*\9CDq\8F<\92\C4z\ECGM'@\9A\01\94\B9\F2\F8\B3<\133\BA\E46\F00\C0\A7\16\D0^\BE\94O@\89\AA\8C\B7v.b\C0\82\8D\00\0E\0D\86{@\D0\CB\1C\\\EA\9C\12\C0\A9V\9A\11\92^\B2\BCu\EE\F40A\BD(@d\99\DF\F3Mi\86<a\90\04D\12\A34\C0\93:eV\B0\CAR@\F69\EF\96\\\E6g\C0v\F9\02hEb\82@\E3l\8E\A1,\AB\16\C0\BD\C5b\AE\EC\A7M\BC\84\8E,\C7\F5\0A*@@\C2\A02)\18\C9\BC\AF\EB\17\FD\C5\028\C0\1F<\D6\B2k\C3U@M\19\BF\B9a\ADm\C0\D8\A7eW\EBX\87@\FF\A4\98C\B3\B6\1A\C07\E2&[~\02\B9<\1D-#(\DA<+@\08\0E\BA\8B\98\B5\C9\BC\93Xa/\83#;\C0\AB\AAg\0Fg\B0X@\86/\A8\AE\D2\BFq\C0K\1FG?a\95\8C@hS*\95K\C0\1E\C0\AC\CAQ\AFbz\A3\BCK~\A0\F5\B9W,@6\CB\03J)\84\C6\BC9\DA\9AO\EF\11>\C0\C5\97r\AC#\90[@\9F\89\B4V\AF\ACt\C0W*= \9B\05\91@\F5\A3R3;d!\C0\97\A4S\14\95\AD\B7\BC7\C6\FE17_-@\15\FA0\98\A8\9E\C4\BC~\F2\BDAWk@\C0\C0\DCpKCb^@9,\A6*\B5\9Bw\C0F\A4e\\\8C\D8\93@\E45\F6\B1\C4g#\C0P\19n\9F\D8v\B7\BC\CED\99\DE!V.@\08\8E\B1\D7\CE\FA\C6<q\17T\F3\02\BCA\C0\01Z\BFgu\93`@\1F'\80}\A5\8Bz\C0\80\C6\A5&\E5\BF\96@HHC\14\E0j%\C0\F8=\EE\E6\ED\A6\C6\BC1\0B\F7\C3\B2>/@C\8AJ \F4t\BA\BC\EB#\92\F9Z\FDB\C0\C3\7F\8E\02>\EFa@\DA\FF\E9\C1\86{}\C0\93tG\94\C1\B8\99@\03\F1=\D9\A2m'\C0\96,\C1j|\FA\CE<\BF6\BE\A9Y\0D0@0\0E\EBR\F2f\B0\BC\BA\17\AC\B2;1D\C0\8C\F9\A9\EC\B9Dc@*\F9K\0AK5\80\C0\9C\83r?\C7\C0\9C@\95\BAd\F8\1Cp)\C0H<\1A\0C<\1F\C1\BC(\E3\EF\A2\CCu0@\C9\92\D7\83Lw\DE\BC\F7\C4\0A\E3#YE\C0jU\8E\A5,\94d@u\15\B4\93\1D\AC\81\C0>Z\09\DE\03\D6\9F@w\0B\12\99Zr+\C0\A6\E9m\93\99P\C0<\E7\99U\14M\D90@\8B\1BO\90\BEp\DC\BCw%\D0xMvF\C0\B9\94`K\DA\DDe@\DBu\99d\FF!\83\C0\E3\8C\9F\EDj{\A1@\14\1C4-et-\C0\C3\DF\81\09\EC\1B\85\BC\F3E\BE\C0\\81@H\98\E7-v~\C4\BCv\E5\FDH\BE\89G\C0x\B4UQ\05\22g@\C2\E0-\D0\C1\96\84\C0\FE\18-\B5\ED\10\A3@\88\E0\8C-Dv/\C0@\D2I4\F8i\9E<g_0\9Di\931@\D9\D6\C3\E3\98E\A9<uV5\C9S\94H\C0fGHZ\ED`h@r\9B\CCM@\0A\86\C0~\C1\0D\FB\F2\AA\A4@\D2\FC`\CD\FE\BB0\C0P\0Bsy=\B0\D5\BCPG\1D\BA\D1\EA1@\8F\A7\07N\DD\0A\BD\BCs\AF\C4\85\CB\96I\C0Co\C6\B3\CE\9Ai@_isW^|\87\C0!/\D2L\F8H\A6@S\B7\0D,\CB\BC1\C0\89n\8B\B1\B1w\C2\BC\87A\D1>\E6>2@\EF\DC\9A_i\F1\D7<\1FNEd\C9\91J\C03\F5=*\E2\CFj@\93\17)\C5\05\ED\88\C0\F9c\B8b\8C\EA\A7@", align 8

@fgrad.digamma_negative.f64.constant5 = private unnamed_addr constant [48 x i8] c"\CE\93 \07\E6\0E\DB?\A6\0F\A6\C4L\A3\E4?\0A1\80'\00\DD\C9\BF\83\84}\AC\22\13\B5?\B7\99O\D91\E8\A2\BF$\91$0a\C2\91?", align 8

@fgrad.digamma_negative.f64.constant6 = private unnamed_addr constant [48 x i8] c"\AB\BF\1Fp\90\CBV<\0C \12\89=\87\81<\\\86\E9\A8\A3#_<)\B7\8C\08\89\FCZ<\03\98\B9p\ECs\17<\F7\E1_\E9\A1I \BC", align 8

define linkonce_odr float @fgrad.erf.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fcmp ogt float %2, 4.000000e+00
  %4 = select i1 %3, float 4.000000e+00, float %2
  %5 = call float @llvm.fmuladd.f32(float %4, float 0x3EF6C05FA0000000, float 0xBF3CEEA7C0000000)
  %6 = call float @llvm.fmuladd.f32(float %5, float %4, float 0x3F71398D60000000)
  %7 = call float @llvm.fmuladd.f32(float %6, float %4, float 0xBF99D0BBC0000000)
  %8 = call float @llvm.fmuladd.f32(float %7, float %4, float 0x3FBBC18C60000000)
  %9 = call float @llvm.fmuladd.f32(float %8, float %4, float 0x3FE4434F20000000)
  %10 = call float @llvm.fmuladd.f32(float %9, float %4, float 0x3FF212C2C0000000)
  %11 = call float @llvm.fmuladd.f32(float %10, float %4, float 0xBF28B3CF00000000)
  %12 = fneg float %11
  %13 = call float @llvm.fmuladd.f32(float %12, float 0x3FF7154760000000, float 0x4168000000000000)
  %14 = fadd float %13, 0xC168000000000000
  %15 = call float @llvm.fmuladd.f32(float %14, float 0xBFE6300000000000, float %12)
  %16 = call float @llvm.fmuladd.f32(float %14, float 0x3F2BD01060000000, float %15)
  %17 = fmul float %16, %16
  %18 = call float @llvm.fmuladd.f32(float %16, float 0x3F2A1A27E0000000, float 0x3F56D75980000000)
  %19 = fmul float %17, %17
  %20 = call float @llvm.fmuladd.f32(float %16, float 0x3F811108E0000000, float 0x3FA5554AC0000000)
  %21 = call float @llvm.fmuladd.f32(float %16, float 0x3FC5555560000000, float 5.000000e-01)
  %22 = call float @llvm.fmuladd.f32(float %20, float %17, float %21)
  %23 = call float @llvm.fmuladd.f32(float %18, float %19, float %22)
  %24 = call float @llvm.fmuladd.f32(float %17, float %23, float %16)
  %25 = fadd float %24, 1.000000e+00
  %26 = bitcast float %13 to i32
  %27 = shl i32 %26, 23
  %28 = add i32 %27, 1065353216
  %29 = bitcast i32 %28 to float
  %30 = fmul float %25, %29
  %31 = fmul float %4, %4
  %32 = fmul float %31, %31
  %33 = call float @llvm.fmuladd.f32(float %31, float 0xBF4A486160000000, float 0x3F75419FA0000000)
  %34 = call float @llvm.fmuladd.f32(float %32, float 0x3F14AE5440000000, float %33)
  %35 = fmul float %32, %32
  %36 = call float @llvm.fmuladd.f32(float %31, float 0xBF9B7FBB40000000, float 0x3FBCE2D200000000)
  %37 = call float @llvm.fmuladd.f32(float %31, float 0xBFD81273E0000000, float 0x3FC06EBA80000000)
  %38 = call float @llvm.fmuladd.f32(float %36, float %32, float %37)
  %39 = call float @llvm.fmuladd.f32(float %34, float %35, float %38)
  %40 = call float @llvm.fmuladd.f32(float %4, float %39, float %4)
  %41 = fcmp olt float %4, 1.000000e+00
  %42 = fsub float 1.000000e+00, %30
  %43 = select i1 %41, float %40, float %42
  %44 = call float @llvm.copysign.f32(float %43, float %0)
  ret float %44
}

define linkonce_odr double @fgrad.erf.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fcmp ogt double %2, 6.000000e+00
  %4 = select i1 %3, double 6.000000e+00, double %2
  %5 = call double @llvm.fmuladd.f64(double %4, double 0x3DC3167BADB75F74, double 0xBE10BABE444B37BB)
  %6 = call double @llvm.fmuladd.f64(double %5, double %4, double 0x3E4626B2089CF79B)
  %7 = call double @llvm.fmuladd.f64(double %6, double %4, double 0xBE5B8BFBAC98C3B6)
  %8 = call double @llvm.fmuladd.f64(double %7, double %4, double 0xBEA392F12ABC0083)
  %9 = call double @llvm.fmuladd.f64(double %8, double %4, double 0x3EE1B22FEBE3234C)
  %10 = call double @llvm.fmuladd.f64(double %9, double %4, double 0xBF104F42E22A77AB)
  %11 = call double @llvm.fmuladd.f64(double %10, double %4, double 0x3F340E5AF3D1887A)
  %12 = call double @llvm.fmuladd.f64(double %11, double %4, double 0xBF5130BEEB01F0A3)
  %13 = call double @llvm.fmuladd.f64(double %12, double %4, double 0x3F629A3AA5535917)
  %14 = call double @llvm.fmuladd.f64(double %13, double %4, double 0xBF48E6469F7E3AAF)
  %15 = call double @llvm.fmuladd.f64(double %14, double %4, double 0xBF932DFB618FF9FA)
  %16 = call double @llvm.fmuladd.f64(double %15, double %4, double 0x3FBA417E4AA9F13B)
  %17 = call double @llvm.fmuladd.f64(double %16, double %4, double 0x3FE45FD1DBC2389E)
  %18 = call double @llvm.fmuladd.f64(double %17, double %4, double 0x3FF20DC5205EB49E)
  %19 = call double @llvm.fmuladd.f64(double %18, double %4, double 0x3EBE78D08EBC7EC0)
  %20 = fneg double %19
  %21 = call double @llvm.fmuladd.f64(double %20, double 0x3FF71547652B82FE, double 0x4338000000000000)
  %22 = fadd double %21, 0xC338000000000000
  %23 = call double @llvm.fmuladd.f64(double %22, double 0xBFE62E42FEE00000, double %20)
  %24 = call double @llvm.fmuladd.f64(double %22, double 0xBDEA39EF35793C76, double %23)
  %25 = fmul double %24, %24
  %26 = call double @llvm.fmuladd.f64(double %24, double 0x3E5AF7748C6F7FD5, double 0x3E928A345A6A1191)
  %27 = fmul double %25, %25
  %28 = fmul double %27, %27
  %29 = call double @llvm.fmuladd.f64(double %24, double 0x3EC71DDE9B029A65, double 0x3EFA019A5F77A634)
  %30 = call double @llvm.fmuladd.f64(double %24, double 0x3F2A01A01B5F7411, double 0x3F56C16C17F6181C)
  %31 = call double @llvm.fmuladd.f64(double %29, double %25, double %30)
  %32 = call double @llvm.fmuladd.f64(double %24, double 0x3F8111111110E691, double 0x3FA555555555206C)
  %33 = call double @llvm.fmuladd.f64(double %24, double 0x3FC555555555555C, double 0x3FE0000000000005)
  %34 = call double @llvm.fmuladd.f64(double %32, double %25, double %33)
  %35 = call double @llvm.fmuladd.f64(double %31, double %27, double %34)
  %36 = call double @llvm.fmuladd.f64(double %26, double %28, double %35)
  %37 = call double @llvm.fmuladd.f64(double %25, double %36, double %24)
  %38 = fadd double %37, 1.000000e+00
  %39 = bitcast double %21 to i64
  %40 = shl i64 %39, 52
  %41 = add i64 %40, 4607182418800017408
  %42 = bitcast i64 %41 to double
  %43 = fmul double %38, %42
  %44 = fmul double %4, %4
  %45 = fmul double %44, %44
  %46 = fmul double %45, %45
  %47 = call double @llvm.fmuladd.f64(double %44, double 0xBE138AC07DD293BD, double 0x3E4F7B9944AEF2B6)
  %48 = call double @llvm.fmuladd.f64(double %44, double 0xBE85F1F401201801, double 0x3EBB9DF303F67AB7)
  %49 = call double @llvm.fmuladd.f64(double %47, double %45, double %48)
  %50 = call double @llvm.fmuladd.f64(double %46, double 0x3DD062715E4184ED, double %49)
  %51 = fmul double %46, %46
  %52 = call double @llvm.fmuladd.f64(double %44, double 0xBEEF4D1E4324CD0D, double 0x3F1F9A321E495A17)
  %53 = call double @llvm.fmuladd.f64(double %44, double 0xBF4C02DB3DB482F7, double 0x3F7565BCD0DBD8A6)
  %54 = call double @llvm.fmuladd.f64(double %52, double %45, double %53)
  %55 = call double @llvm.fmuladd.f64(double %44, double 0xBF9B82CE31284F35, double 0x3FBCE2F21A042B34)
  %56 = call double @llvm.fmuladd.f64(double %44, double 0xBFD812746B0379E6, double 0x3FC06EBA8214DB69)
  %57 = call double @llvm.fmuladd.f64(double %55, double %45, double %56)
  %58 = call double @llvm.fmuladd.f64(double %54, double %46, double %57)
  %59 = call double @llvm.fmuladd.f64(double %50, double %51, double %58)
  %60 = call double @llvm.fmuladd.f64(double %4, double %59, double %4)
  %61 = fcmp olt double %4, 1.000000e+00
  %62 = fsub double 1.000000e+00, %43
  %63 = select i1 %61, double %60, double %62
  %64 = call double @llvm.copysign.f64(double %63, double %0)
  ret double %64
}

define linkonce_odr float @fgrad.erfc.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fcmp ogt float %2, 0x4024333340000000
  %4 = select i1 %3, float 0x4024333340000000, float %2
  %5 = fmul float %4, %4
  %6 = fadd float %4, -3.750000e+00
  %7 = fadd float %4, %4
  %8 = fadd float %7, 1.000000e+00
  %9 = fadd float %4, 3.750000e+00
  %10 = fmul float %9, %8
  %11 = fdiv float 1.000000e+00, %10
  %12 = fmul float %8, %11
  %13 = fmul float %6, %12
  %14 = call float @llvm.fmuladd.f32(float %13, float 0x3F5171D0E0000000, float 0xBF83D5B120000000)
  %15 = call float @llvm.fmuladd.f32(float %14, float %13, float 0x3F9D5CC3E0000000)
  %16 = call float @llvm.fmuladd.f32(float %15, float %13, float 0xBFAE0B4140000000)
  %17 = call float @llvm.fmuladd.f32(float %16, float %13, float 0x3FB79DCB20000000)
  %18 = call float @llvm.fmuladd.f32(float %17, float %13, float 0xBFBBDACEE0000000)
  %19 = call float @llvm.fmuladd.f32(float %18, float %13, float 0x3FB5105100000000)
  %20 = call float @llvm.fmuladd.f32(float %19, float %13, float 0x3F6D5F8840000000)
  %21 = call float @llvm.fmuladd.f32(float %20, float %13, float 0xBFC1F36800000000)
  %22 = call float @llvm.fma.f32(float %13, float %21, float 0x3FF3CCDA00000000)
  %23 = fmul float %9, %11
  %24 = fmul float %23, %22
  %25 = call float @llvm.fmuladd.f32(float %5, float 0xBFF7154760000000, float 0x4168000000000000)
  %26 = fadd float %25, 0xC168000000000000
  %27 = fneg float %5
  %28 = call float @llvm.fmuladd.f32(float %26, float 0xBFE6300000000000, float %27)
  %29 = call float @llvm.fmuladd.f32(float %26, float 0x3F2BD01060000000, float %28)
  %30 = fmul float %29, %29
  %31 = call float @llvm.fmuladd.f32(float %29, float 0x3F2A1A27E0000000, float 0x3F56D75980000000)
  %32 = fmul float %30, %30
  %33 = call float @llvm.fmuladd.f32(float %29, float 0x3F811108E0000000, float 0x3FA5554AC0000000)
  %34 = call float @llvm.fmuladd.f32(float %29, float 0x3FC5555560000000, float 5.000000e-01)
  %35 = call float @llvm.fmuladd.f32(float %33, float %30, float %34)
  %36 = call float @llvm.fmuladd.f32(float %31, float %32, float %35)
  %37 = fmul float %30, %36
  %38 = fsub float %28, %29
  %39 = call float @llvm.fmuladd.f32(float %26, float 0x3F2BD01060000000, float %38)
  %40 = call float @llvm.fma.f32(float %4, float %4, float %27)
  %41 = fsub float %39, %40
  %42 = fmul float %41, %24
  %43 = fadd float %29, %37
  %44 = fadd float %43, 1.000000e+00
  %45 = fneg float %24
  %46 = call float @llvm.fma.f32(float %45, float %8, float %22)
  %47 = fadd float %8, -1.000000e+00
  %48 = fsub float %47, %8
  %49 = fadd float %48, 1.000000e+00
  %50 = fsub float %7, %47
  %51 = fadd float %50, %49
  %52 = fmul float %51, %24
  %53 = fsub float %46, %52
  %54 = fsub float 0x3FF3CCDA00000000, %22
  %55 = call float @llvm.fma.f32(float %13, float %21, float %54)
  %56 = fadd float %55, 0x3E661F5800000000
  %57 = fadd float %53, %56
  %58 = fmul float %23, %57
  %59 = call float @llvm.fmuladd.f32(float %42, float %44, float %58)
  %60 = call float @llvm.fmuladd.f32(float %24, float %37, float %59)
  %61 = call float @llvm.fmuladd.f32(float %24, float %29, float %60)
  %62 = fadd float %24, %61
  %63 = bitcast float %25 to i32
  %64 = add i32 %63, -1262484488
  %65 = lshr i32 %64, 1
  %66 = shl i32 %65, 23
  %67 = add i32 %66, 1098907648
  %68 = bitcast i32 %67 to float
  %69 = fmul float %62, %68
  %70 = sub i32 %64, %65
  %71 = shl i32 %70, 23
  %72 = add i32 %71, 1098907648
  %73 = bitcast i32 %72 to float
  %74 = fmul float %69, %73
  %75 = call float @llvm.fmuladd.f32(float %5, float 0xBFD81273E0000000, float 0x3FC06EBA80000000)
  %76 = call float @llvm.fmuladd.f32(float %5, float 0xBF9B7FBB40000000, float 0x3FBCE2D200000000)
  %77 = call float @llvm.fmuladd.f32(float %5, float 0xBF4A486160000000, float 0x3F75419FA0000000)
  %78 = fmul float %5, %5
  %79 = call float @llvm.fmuladd.f32(float %76, float %78, float %75)
  %80 = call float @llvm.fmuladd.f32(float %78, float 0x3F14AE5440000000, float %77)
  %81 = fmul float %78, %78
  %82 = call float @llvm.fmuladd.f32(float %80, float %81, float %79)
  %83 = call float @llvm.fmuladd.f32(float %0, float %82, float %0)
  %84 = fsub float 1.000000e+00, %83
  %85 = fcmp olt float %4, 0x3FE99999A0000000
  %86 = fcmp olt float %0, 0.000000e+00
  %87 = fsub float 2.000000e+00, %74
  %88 = select i1 %86, float %87, float %74
  %89 = select i1 %85, float %84, float %88
  ret float %89
}

define linkonce_odr double @fgrad.erfc.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fcmp ogt double %2, 2.730000e+01
  %4 = select i1 %3, double 2.730000e+01, double %2
  %5 = fmul double %4, %4
  %6 = fadd double %4, -3.750000e+00
  %7 = fadd double %4, %4
  %8 = fadd double %7, 1.000000e+00
  %9 = fadd double %4, 3.750000e+00
  %10 = fmul double %9, %8
  %11 = fdiv double 1.000000e+00, %10
  %12 = fmul double %8, %11
  %13 = fmul double %6, %12
  %14 = call double @llvm.fmuladd.f64(double %13, double 0x3E54AB6D458353A8, double 0x3E54A73B4B42DA2B)
  %15 = call double @llvm.fmuladd.f64(double %14, double %13, double 0xBE8ED6109F44776C)
  %16 = call double @llvm.fmuladd.f64(double %15, double %13, double 0xBE6ECB6A3BA5A25C)
  %17 = call double @llvm.fmuladd.f64(double %16, double %13, double 0x3EBD02011B0D61EE)
  %18 = call double @llvm.fmuladd.f64(double %17, double %13, double 0xBEB04B0A32F59E30)
  %19 = call double @llvm.fmuladd.f64(double %18, double %13, double 0xBEE7FA63CE27BE81)
  %20 = call double @llvm.fmuladd.f64(double %19, double %13, double 0x3EF77846E99A49AF)
  %21 = call double @llvm.fmuladd.f64(double %20, double %13, double 0x3F0B13D13BE89288)
  %22 = call double @llvm.fmuladd.f64(double %21, double %13, double 0xBF3303F7E7D2E6B8)
  %23 = call double @llvm.fmuladd.f64(double %22, double %13, double 0x3F333FB4F3D3F06B)
  %24 = call double @llvm.fmuladd.f64(double %23, double %13, double 0x3F5CC3A0CB1BBC48)
  %25 = call double @llvm.fmuladd.f64(double %24, double %13, double 0xBF83F603C5B1CC88)
  %26 = call double @llvm.fmuladd.f64(double %25, double %13, double 0x3F9D0B003802ED1B)
  %27 = call double @llvm.fmuladd.f64(double %26, double %13, double 0xBFAE0D0FA6D579A7)
  %28 = call double @llvm.fmuladd.f64(double %27, double %13, double 0x3FB7A14188A91695)
  %29 = call double @llvm.fmuladd.f64(double %28, double %13, double 0xBFBBDA9309A2B742)
  %30 = call double @llvm.fmuladd.f64(double %29, double %13, double 0x3FB510169D096B34)
  %31 = call double @llvm.fmuladd.f64(double %30, double %13, double 0x3F6D5F294815B150)
  %32 = call double @llvm.fmuladd.f64(double %31, double %13, double 0xBFC1F367683F89AA)
  %33 = call double @llvm.fma.f64(double %13, double %32, double 0x3FF3CCDA0B5D5DC2)
  %34 = fmul double %9, %11
  %35 = fmul double %34, %33
  %36 = call double @llvm.fmuladd.f64(double %5, double 0xBFF71547652B82FE, double 0x4338000000000000)
  %37 = fadd double %36, 0xC338000000000000
  %38 = fneg double %5
  %39 = call double @llvm.fmuladd.f64(double %37, double 0xBFE62E42FEE00000, double %38)
  %40 = call double @llvm.fmuladd.f64(double %37, double 0xBDEA39EF35793C76, double %39)
  %41 = fmul double %40, %40
  %42 = call double @llvm.fmuladd.f64(double %40, double 0x3E5AF7748C6F7FD5, double 0x3E928A345A6A1191)
  %43 = fmul double %41, %41
  %44 = fmul double %43, %43
  %45 = call double @llvm.fmuladd.f64(double %40, double 0x3EC71DDE9B029A65, double 0x3EFA019A5F77A634)
  %46 = call double @llvm.fmuladd.f64(double %40, double 0x3F2A01A01B5F7411, double 0x3F56C16C17F6181C)
  %47 = call double @llvm.fmuladd.f64(double %45, double %41, double %46)
  %48 = call double @llvm.fmuladd.f64(double %40, double 0x3F8111111110E691, double 0x3FA555555555206C)
  %49 = call double @llvm.fmuladd.f64(double %40, double 0x3FC555555555555C, double 0x3FE0000000000005)
  %50 = call double @llvm.fmuladd.f64(double %48, double %41, double %49)
  %51 = call double @llvm.fmuladd.f64(double %47, double %43, double %50)
  %52 = call double @llvm.fmuladd.f64(double %42, double %44, double %51)
  %53 = fmul double %41, %52
  %54 = fsub double %39, %40
  %55 = call double @llvm.fmuladd.f64(double %37, double 0xBDEA39EF35793C76, double %54)
  %56 = call double @llvm.fma.f64(double %4, double %4, double %38)
  %57 = fsub double %55, %56
  %58 = fmul double %57, %35
  %59 = fadd double %40, %53
  %60 = fadd double %59, 1.000000e+00
  %61 = fneg double %35
  %62 = call double @llvm.fma.f64(double %61, double %8, double %33)
  %63 = fadd double %8, -1.000000e+00
  %64 = fsub double %63, %8
  %65 = fadd double %64, 1.000000e+00
  %66 = fsub double %7, %63
  %67 = fadd double %66, %65
  %68 = fmul double %67, %35
  %69 = fsub double %62, %68
  %70 = fsub double 0x3FF3CCDA0B5D5DC2, %33
  %71 = call double @llvm.fma.f64(double %13, double %32, double %70)
  %72 = fadd double %71, 0x3C9CF04597EEF7D9
  %73 = fadd double %69, %72
  %74 = fmul double %34, %73
  %75 = call double @llvm.fmuladd.f64(double %58, double %60, double %74)
  %76 = call double @llvm.fmuladd.f64(double %35, double %53, double %75)
  %77 = call double @llvm.fmuladd.f64(double %35, double %40, double %76)
  %78 = fadd double %35, %77
  %79 = bitcast double %36 to i64
  %80 = add i64 %79, -4843621399236960264
  %81 = lshr i64 %80, 1
  %82 = shl i64 %81, 52
  %83 = add i64 %82, 4625196817309499392
  %84 = bitcast i64 %83 to double
  %85 = fmul double %78, %84
  %86 = sub i64 %80, %81
  %87 = shl i64 %86, 52
  %88 = add i64 %87, 4625196817309499392
  %89 = bitcast i64 %88 to double
  %90 = fmul double %85, %89
  %91 = call double @llvm.fmuladd.f64(double %5, double 0xBFD812746B0379E6, double 0x3FC06EBA8214DB69)
  %92 = call double @llvm.fmuladd.f64(double %5, double 0xBF9B82CE31284F35, double 0x3FBCE2F21A042B34)
  %93 = call double @llvm.fmuladd.f64(double %5, double 0xBF4C02DB3DB482F7, double 0x3F7565BCD0DBD8A6)
  %94 = call double @llvm.fmuladd.f64(double %5, double 0xBEEF4D1E4324CD0D, double 0x3F1F9A321E495A17)
  %95 = call double @llvm.fmuladd.f64(double %5, double 0xBE85F1F401201801, double 0x3EBB9DF303F67AB7)
  %96 = call double @llvm.fmuladd.f64(double %5, double 0xBE138AC07DD293BD, double 0x3E4F7B9944AEF2B6)
  %97 = fmul double %5, %5
  %98 = call double @llvm.fmuladd.f64(double %92, double %97, double %91)
  %99 = call double @llvm.fmuladd.f64(double %94, double %97, double %93)
  %100 = call double @llvm.fmuladd.f64(double %96, double %97, double %95)
  %101 = fmul double %97, %97
  %102 = call double @llvm.fmuladd.f64(double %99, double %101, double %98)
  %103 = call double @llvm.fmuladd.f64(double %101, double 0x3DD062715E4184ED, double %100)
  %104 = fmul double %101, %101
  %105 = call double @llvm.fmuladd.f64(double %103, double %104, double %102)
  %106 = call double @llvm.fmuladd.f64(double %0, double %105, double %0)
  %107 = fsub double 1.000000e+00, %106
  %108 = fcmp olt double %4, 8.000000e-01
  %109 = fcmp olt double %0, 0.000000e+00
  %110 = fsub double 2.000000e+00, %90
  %111 = select i1 %109, double %110, double %90
  %112 = select i1 %108, double %107, double %111
  ret double %112
}

define linkonce_odr float @fgrad.exp.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp ogt float %0, 8.900000e+01
  %3 = select i1 %2, float 8.900000e+01, float %0
  %4 = fcmp olt float %3, -1.040000e+02
  %5 = select i1 %4, float -1.040000e+02, float %3
  %6 = call float @llvm.fmuladd.f32(float %5, float 0x3FF7154760000000, float 0x4168000000000000)
  %7 = fadd float %6, 0xC168000000000000
  %8 = call float @llvm.fmuladd.f32(float %7, float 0xBFE6300000000000, float %5)
  %9 = call float @llvm.fmuladd.f32(float %7, float 0x3F2BD01060000000, float %8)
  %10 = fmul float %9, %9
  %11 = call float @llvm.fmuladd.f32(float %9, float 0x3F2A1A27E0000000, float 0x3F56D75980000000)
  %12 = fmul float %10, %10
  %13 = call float @llvm.fmuladd.f32(float %9, float 0x3F811108E0000000, float 0x3FA5554AC0000000)
  %14 = call float @llvm.fmuladd.f32(float %9, float 0x3FC5555560000000, float 5.000000e-01)
  %15 = call float @llvm.fmuladd.f32(float %13, float %10, float %14)
  %16 = call float @llvm.fmuladd.f32(float %11, float %12, float %15)
  %17 = call float @llvm.fmuladd.f32(float %10, float %16, float %9)
  %18 = fadd float %17, 1.000000e+00
  %19 = bitcast float %6 to i32
  %20 = add i32 %19, -1262484488
  %21 = lshr i32 %20, 1
  %22 = shl i32 %21, 23
  %23 = add i32 %22, 1098907648
  %24 = bitcast i32 %23 to float
  %25 = fmul float %18, %24
  %26 = sub i32 %20, %21
  %27 = shl i32 %26, 23
  %28 = add i32 %27, 1098907648
  %29 = bitcast i32 %28 to float
  %30 = fmul float %25, %29
  ret float %30
}

define linkonce_odr double @fgrad.exp.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp ogt double %0, 7.098000e+02
  %3 = select i1 %2, double 7.098000e+02, double %0
  %4 = fcmp olt double %3, -7.452000e+02
  %5 = select i1 %4, double -7.452000e+02, double %3
  %6 = call double @llvm.fmuladd.f64(double %5, double 0x3FF71547652B82FE, double 0x4338000000000000)
  %7 = fadd double %6, 0xC338000000000000
  %8 = call double @llvm.fmuladd.f64(double %7, double 0xBFE62E42FEE00000, double %5)
  %9 = call double @llvm.fmuladd.f64(double %7, double 0xBDEA39EF35793C76, double %8)
  %10 = fmul double %9, %9
  %11 = call double @llvm.fmuladd.f64(double %9, double 0x3E5AF7748C6F7FD5, double 0x3E928A345A6A1191)
  %12 = fmul double %10, %10
  %13 = fmul double %12, %12
  %14 = call double @llvm.fmuladd.f64(double %9, double 0x3EC71DDE9B029A65, double 0x3EFA019A5F77A634)
  %15 = call double @llvm.fmuladd.f64(double %9, double 0x3F2A01A01B5F7411, double 0x3F56C16C17F6181C)
  %16 = call double @llvm.fmuladd.f64(double %14, double %10, double %15)
  %17 = call double @llvm.fmuladd.f64(double %9, double 0x3F8111111110E691, double 0x3FA555555555206C)
  %18 = call double @llvm.fmuladd.f64(double %9, double 0x3FC555555555555C, double 0x3FE0000000000005)
  %19 = call double @llvm.fmuladd.f64(double %17, double %10, double %18)
  %20 = call double @llvm.fmuladd.f64(double %16, double %12, double %19)
  %21 = call double @llvm.fmuladd.f64(double %11, double %13, double %20)
  %22 = call double @llvm.fmuladd.f64(double %10, double %21, double %9)
  %23 = fadd double %22, 1.000000e+00
  %24 = bitcast double %6 to i64
  %25 = add i64 %24, -4843621399236960264
  %26 = lshr i64 %25, 1
  %27 = shl i64 %26, 52
  %28 = add i64 %27, 4625196817309499392
  %29 = bitcast i64 %28 to double
  %30 = fmul double %23, %29
  %31 = sub i64 %25, %26
  %32 = shl i64 %31, 52
  %33 = add i64 %32, 4625196817309499392
  %34 = bitcast i64 %33 to double
  %35 = fmul double %30, %34
  ret double %35
}

define linkonce_odr float @fgrad.exp2.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp ogt float %0, 1.280000e+02
  %3 = select i1 %2, float 1.280000e+02, float %0
  %4 = fcmp olt float %3, -1.520000e+02
  %5 = select i1 %4, float -1.520000e+02, float %3
  %6 = fadd float %5, 0x4168000000000000
  %7 = fadd float %6, 0xC168000000000000
  %8 = fsub float %5, %7
  %9 = fmul float %8, 0x3FE62E4300000000
  %10 = fmul float %9, %9
  %11 = call float @llvm.fmuladd.f32(float %9, float 0x3F2A1A27E0000000, float 0x3F56D75980000000)
  %12 = fmul float %10, %10
  %13 = call float @llvm.fmuladd.f32(float %9, float 0x3F811108E0000000, float 0x3FA5554AC0000000)
  %14 = call float @llvm.fmuladd.f32(float %9, float 0x3FC5555560000000, float 5.000000e-01)
  %15 = call float @llvm.fmuladd.f32(float %13, float %10, float %14)
  %16 = call float @llvm.fmuladd.f32(float %11, float %12, float %15)
  %17 = call float @llvm.fmuladd.f32(float %10, float %16, float %9)
  %18 = fadd float %17, 1.000000e+00
  %19 = bitcast float %6 to i32
  %20 = add i32 %19, -1262484488
  %21 = lshr i32 %20, 1
  %22 = shl i32 %21, 23
  %23 = add i32 %22, 1098907648
  %24 = bitcast i32 %23 to float
  %25 = fmul float %18, %24
  %26 = sub i32 %20, %21
  %27 = shl i32 %26, 23
  %28 = add i32 %27, 1098907648
  %29 = bitcast i32 %28 to float
  %30 = fmul float %25, %29
  ret float %30
}

define linkonce_odr double @fgrad.exp2.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp ogt double %0, 1.024000e+03
  %3 = select i1 %2, double 1.024000e+03, double %0
  %4 = fcmp olt double %3, -1.077000e+03
  %5 = select i1 %4, double -1.077000e+03, double %3
  %6 = fadd double %5, 0x4338000000000000
  %7 = fadd double %6, 0xC338000000000000
  %8 = fsub double %5, %7
  %9 = fmul double %8, 0x3FE62E42FEFA39EF
  %10 = fmul double %9, %9
  %11 = call double @llvm.fmuladd.f64(double %9, double 0x3E5AF7748C6F7FD5, double 0x3E928A345A6A1191)
  %12 = fmul double %10, %10
  %13 = fmul double %12, %12
  %14 = call double @llvm.fmuladd.f64(double %9, double 0x3EC71DDE9B029A65, double 0x3EFA019A5F77A634)
  %15 = call double @llvm.fmuladd.f64(double %9, double 0x3F2A01A01B5F7411, double 0x3F56C16C17F6181C)
  %16 = call double @llvm.fmuladd.f64(double %14, double %10, double %15)
  %17 = call double @llvm.fmuladd.f64(double %9, double 0x3F8111111110E691, double 0x3FA555555555206C)
  %18 = call double @llvm.fmuladd.f64(double %9, double 0x3FC555555555555C, double 0x3FE0000000000005)
  %19 = call double @llvm.fmuladd.f64(double %17, double %10, double %18)
  %20 = call double @llvm.fmuladd.f64(double %16, double %12, double %19)
  %21 = call double @llvm.fmuladd.f64(double %11, double %13, double %20)
  %22 = call double @llvm.fmuladd.f64(double %10, double %21, double %9)
  %23 = fadd double %22, 1.000000e+00
  %24 = bitcast double %6 to i64
  %25 = add i64 %24, -4843621399236960264
  %26 = lshr i64 %25, 1
  %27 = shl i64 %26, 52
  %28 = add i64 %27, 4625196817309499392
  %29 = bitcast i64 %28 to double
  %30 = fmul double %23, %29
  %31 = sub i64 %25, %26
  %32 = shl i64 %31, 52
  %33 = add i64 %32, 4625196817309499392
  %34 = bitcast i64 %33 to double
  %35 = fmul double %30, %34
  ret double %35
}

define linkonce_odr float @fgrad.expm1.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp ogt float %0, 8.900000e+01
  %3 = select i1 %2, float 8.900000e+01, float %0
  %4 = fcmp olt float %3, -2.000000e+01
  %5 = select i1 %4, float -2.000000e+01, float %3
  %6 = call float @llvm.fmuladd.f32(float %5, float 0x3FF7154760000000, float 0x4168000000000000)
  %7 = fadd float %6, 0xC168000000000000
  %8 = call float @llvm.fmuladd.f32(float %7, float 0xBFE6300000000000, float %5)
  %9 = call float @llvm.fmuladd.f32(float %7, float 0x3F2BD01060000000, float %8)
  %10 = fmul float %9, %9
  %11 = call float @llvm.fmuladd.f32(float %9, float 0x3F2A1A27E0000000, float 0x3F56D75980000000)
  %12 = fmul float %10, %10
  %13 = call float @llvm.fmuladd.f32(float %9, float 0x3F811108E0000000, float 0x3FA5554AC0000000)
  %14 = call float @llvm.fmuladd.f32(float %9, float 0x3FC5555560000000, float 5.000000e-01)
  %15 = call float @llvm.fmuladd.f32(float %13, float %10, float %14)
  %16 = call float @llvm.fmuladd.f32(float %11, float %12, float %15)
  %17 = call float @llvm.fmuladd.f32(float %10, float %16, float %9)
  %18 = bitcast float %6 to i32
  %19 = shl i32 %18, 23
  %20 = add i32 %19, 1056964608
  %21 = bitcast i32 %20 to float
  %22 = fadd float %21, -5.000000e-01
  %23 = call float @llvm.fmuladd.f32(float %21, float %17, float %22)
  %24 = fmul float %23, 2.000000e+00
  %25 = call float @llvm.fabs.f32(float %0)
  %26 = fcmp olt float %25, 0x3E60000000000000
  %27 = select i1 %26, float %0, float %24
  ret float %27
}

define linkonce_odr double @fgrad.expm1.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp ogt double %0, 7.098000e+02
  %3 = select i1 %2, double 7.098000e+02, double %0
  %4 = fcmp olt double %3, -4.000000e+01
  %5 = select i1 %4, double -4.000000e+01, double %3
  %6 = call double @llvm.fmuladd.f64(double %5, double 0x3FF71547652B82FE, double 0x4338000000000000)
  %7 = fadd double %6, 0xC338000000000000
  %8 = call double @llvm.fmuladd.f64(double %7, double 0xBFE62E42FEE00000, double %5)
  %9 = call double @llvm.fmuladd.f64(double %7, double 0xBDEA39EF35793C76, double %8)
  %10 = fmul double %9, %9
  %11 = call double @llvm.fmuladd.f64(double %9, double 0x3E5AF7748C6F7FD5, double 0x3E928A345A6A1191)
  %12 = fmul double %10, %10
  %13 = fmul double %12, %12
  %14 = call double @llvm.fmuladd.f64(double %9, double 0x3EC71DDE9B029A65, double 0x3EFA019A5F77A634)
  %15 = call double @llvm.fmuladd.f64(double %9, double 0x3F2A01A01B5F7411, double 0x3F56C16C17F6181C)
  %16 = call double @llvm.fmuladd.f64(double %14, double %10, double %15)
  %17 = call double @llvm.fmuladd.f64(double %9, double 0x3F8111111110E691, double 0x3FA555555555206C)
  %18 = call double @llvm.fmuladd.f64(double %9, double 0x3FC555555555555C, double 0x3FE0000000000005)
  %19 = call double @llvm.fmuladd.f64(double %17, double %10, double %18)
  %20 = call double @llvm.fmuladd.f64(double %16, double %12, double %19)
  %21 = call double @llvm.fmuladd.f64(double %11, double %13, double %20)
  %22 = call double @llvm.fmuladd.f64(double %10, double %21, double %9)
  %23 = bitcast double %6 to i64
  %24 = shl i64 %23, 52
  %25 = add i64 %24, 4602678819172646912
  %26 = bitcast i64 %25 to double
  %27 = fadd double %26, -5.000000e-01
  %28 = call double @llvm.fmuladd.f64(double %26, double %22, double %27)
  %29 = fmul double %28, 2.000000e+00
  %30 = call double @llvm.fabs.f64(double %0)
  %31 = fcmp olt double %30, 0x3C90000000000000
  %32 = select i1 %31, double %0, double %29
  ret double %32
}

define linkonce_odr double @fgrad.huge.f64(double %0, i64 %1) noinline cold optnone nounwind willreturn memory(none) {
  %3 = call double @llvm.fabs.f64(double %0)
  %4 = bitcast double %3 to i64
  %5 = lshr i64 %4, 52
  %6 = add nsw i64 %5, -1013
  %7 = lshr i64 %4, 32
  %8 = and i64 %7, 1048575
  %9 = or i64 %8, 1048576
  %10 = and i64 %4, 4294967295
  %11 = ashr i64 %6, 5
  %12 = and i64 %6, 31
  %13 = sub nuw nsw i64 32, %12
  br label %14
14:
  %15 = phi i64 [ 0, %2 ], [ %39, %14 ]
  %16 = phi i64 [ 0, %2 ], [ %50, %14 ]
  %17 = phi i64 [ 0, %2 ], [ %51, %14 ]
  %18 = phi i64 [ 0, %2 ], [ %17, %14 ]
  %19 = phi i64 [ 0, %2 ], [ %18, %14 ]
  %20 = phi i64 [ 0, %2 ], [ %19, %14 ]
  %21 = phi i64 [ 5, %2 ], [ %24, %14 ]
  %22 = phi i64 [ 6, %2 ], [ %23, %14 ]
  %23 = add nsw i64 %22, -1
  %24 = add nsw i64 %21, -1
  %25 = add nsw i64 %21, %11
  %26 = icmp slt i64 %25, 0
  %27 = add nsw i64 %25, 42
  %28 = select i1 %26, i64 %27, i64 %25
  %29 = getelementptr i64, ptr @fgrad.huge.f64.constant0, i64 %28
  %30 = load i64, ptr %29, align 8
  %31 = shl i64 %30, %12
  %32 = icmp slt i64 %25, -1
  %33 = select i1 %32, i64 43, i64 1
  %34 = getelementptr i64, ptr @fgrad.huge.f64.constant0, i64 %25
  %35 = getelementptr i64, ptr %34, i64 %33
  %36 = load i64, ptr %35, align 8
  %37 = lshr i64 %36, %13
  %38 = or i64 %37, %31
  %39 = and i64 %38, 4294967295
  %40 = mul nuw nsw i64 %39, %10
  %41 = mul nuw nsw i64 %15, %9
  %42 = and i64 %40, 4294967295
  %43 = and i64 %41, 4294967295
  %44 = add nuw nsw i64 %43, %16
  %45 = add nuw nsw i64 %44, %42
  %46 = lshr i64 %45, 32
  %47 = lshr i64 %40, 32
  %48 = lshr i64 %41, 32
  %49 = add nuw nsw i64 %47, %48
  %50 = add nuw nsw i64 %49, %46
  %51 = and i64 %45, 4294967295
  %52 = icmp ugt i64 %22, 1
  br i1 %52, label %14, label %53
53:
  %54 = shl i64 %45, 34
  %55 = shl nuw nsw i64 %17, 2
  %56 = lshr i64 %18, 30
  %57 = or i64 %56, %55
  %58 = shl i64 %18, 34
  %59 = shl nuw nsw i64 %19, 2
  %60 = or i64 %59, %58
  %61 = lshr i64 %20, 31
  %62 = lshr exact i64 %60, 1
  %63 = or i64 %62, %61
  %64 = lshr i64 %51, 30
  %65 = lshr i64 %54, 63
  %66 = and i64 %57, 2047
  %67 = and i64 %57, 17179867136
  %68 = or i64 %54, %67
  %69 = sitofp i64 %68 to double
  %70 = fmul double %69, 0x3BF0000000000000
  %71 = uitofp i64 %63 to double
  %72 = fmul double %71, 0x3C00000000000000
  %73 = uitofp i64 %66 to double
  %74 = fadd double %72, %73
  %75 = fmul double %74, 0x3BF0000000000000
  %76 = fadd double %75, %70
  %77 = fsub double %76, %70
  %78 = fsub double %76, %77
  %79 = fsub double %70, %78
  %80 = fsub double %75, %77
  %81 = fadd double %80, %79
  %82 = fmul double %76, 0x3FF921FB54442D18
  %83 = fneg double %82
  %84 = call double @llvm.fma.f64(double %76, double 0x3FF921FB54442D18, double %83)
  %85 = fmul double %76, 0x3C91A62633145C07
  %86 = fmul double %81, 0x3FF921FB54442D18
  %87 = fadd double %85, %86
  %88 = fadd double %84, %87
  %89 = add i64 %64, %1
  %90 = add i64 %89, %65
  %91 = shl i64 %90, 62
  %92 = and i64 %91, -9223372036854775808
  %93 = and i64 %90, 1
  %94 = icmp eq i64 %93, 0
  %95 = fmul double %82, %82
  %96 = fmul double %82, %95
  %97 = call double @llvm.fmuladd.f64(double %95, double 0x3DE5D7E54C18E20B, double 0xBE5AE5E2116ABB13)
  %98 = fmul double %95, %95
  %99 = fmul double %98, %98
  %100 = call double @llvm.fmuladd.f64(double %95, double 0x3EC71DE3522AF41D, double 0xBF2A01A019BB425A)
  %101 = call double @llvm.fmuladd.f64(double %95, double 0x3F8111111110F5BE, double 0xBFC5555555555547)
  %102 = call double @llvm.fmuladd.f64(double %100, double %98, double %101)
  %103 = call double @llvm.fmuladd.f64(double %97, double %99, double %102)
  %104 = call double @llvm.fmuladd.f64(double %95, double -5.000000e-01, double 1.000000e+00)
  %105 = fmul double %104, %88
  %106 = call double @llvm.fmuladd.f64(double %96, double %103, double %105)
  %107 = fadd double %82, %106
  %108 = fsub double 1.000000e+00, %104
  %109 = call double @llvm.fmuladd.f64(double %95, double -5.000000e-01, double %108)
  %110 = call double @llvm.fmuladd.f64(double %95, double 0xBDA8FF0BA3FBDD1F, double 0x3E21EEA73B4BF46A)
  %111 = call double @llvm.fmuladd.f64(double %95, double 0xBE927E4F8DD9CAD0, double 0x3EFA01A019DE691E)
  %112 = call double @llvm.fmuladd.f64(double %95, double 0xBF56C16C16C15E6A, double 0x3FA5555555555552)
  %113 = call double @llvm.fmuladd.f64(double %111, double %98, double %112)
  %114 = call double @llvm.fmuladd.f64(double %110, double %99, double %113)
  %115 = fneg double %88
  %116 = fmul double %82, %115
  %117 = call double @llvm.fmuladd.f64(double %98, double %114, double %116)
  %118 = fadd double %109, %117
  %119 = fadd double %104, %118
  %120 = select i1 %94, double %107, double %119
  %121 = bitcast double %120 to i64
  %122 = xor i64 %92, %121
  %123 = bitcast i64 %122 to double
  ret double %123
}

@fgrad.huge.f64.constant0 = private unnamed_addr constant [336 x i8] c"\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00n\83\F9\A2\00\00\00\00)\15DN\00\00\00\00\D1W'\FC\00\00\00\00\C0\DD4\F5\00\00\00\00\99\95b\DB\00\00\00\00A\90C<\00\00\00\00\ABcQ\FE\00\00\00\00a\C5\BB\DE\00\00\00\00:n$\B7\00\00\00\00\E0\D2MB\00\00\00\00\EA.I\06\00\00\00\00\1C\92\D1\09\00\00\00\00\1C\EB\1D\FE\00\00\00\00>\A7)\B1\00\00\00\00\F55\82\E8\00\00\00\00\84D\BB.\00\00\00\00&p\9C\E9\00\00\00\00A~_\B4\00\00\00\009\D6\919\00\00\00\00\F49S\83\00\00\00\00\8B_\84\9C\00\00\00\00;(\F9\BD\00\00\00\00\FF\97\F8\1F\00\00\00\00\0F\98\05\DE\00\00\00\00\8B\11/\EF\00\00\00\00\1Fm\0AZ\00\00\00\00\CF~6m\00\00\00\00\B7\09\CB'\00\00\00\00f?FO\00\00\00\00-\EA_\9E\00\00\00\00\C7\BA'u\00\00\00\00{\F1\E5\EB\00\00\00\00\F79\07=\00\00\00\00\EA\92R\8A\00\00\00\00\B1_\FBk\00\00\00\00\08]\8D\1F\00\00\00\00F0\03V\00\00\00\00\ABk{\FC\00\00\00\00 \BC\CF\F0\00\00\00\00\1D6\F4\9A\00\00\00\00", align 8

define linkonce_odr float @fgrad.hypot.f32(float %0, float %1) alwaysinline nounwind willreturn memory(none) {
  %3 = call float @llvm.fabs.f32(float %0)
  %4 = call float @llvm.fabs.f32(float %1)
  %5 = fcmp oeq float %3, 0x7FF0000000000000
  %6 = fcmp oeq float %4, 0x7FF0000000000000
  %7 = or i1 %5, %6
  %8 = fcmp ogt float %3, %4
  %9 = select i1 %8, float %3, float %4
  %10 = select i1 %8, float %4, float %3
  %11 = fcmp ogt float %9, 0x43E0000000000000
  %12 = fcmp olt float %9, 0x3C00000000000000
  %13 = select i1 %12, float 0x4580000000000000, float 1.000000e+00
  %14 = select i1 %11, float 0x3A60000000000000, float %13
  %15 = select i1 %12, float 0x3A60000000000000, float 1.000000e+00
  %16 = select i1 %11, float 0x4580000000000000, float %15
  %17 = fmul float %9, %14
  %18 = fmul float %10, %14
  %19 = fmul float %17, %17
  %20 = fneg float %19
  %21 = call float @llvm.fma.f32(float %17, float %17, float %20)
  %22 = fmul float %18, %18
  %23 = fadd float %19, %22
  %24 = fsub float %19, %23
  %25 = fadd float %22, %24
  %26 = fadd float %21, %25
  %27 = fneg float %22
  %28 = call float @llvm.fma.f32(float %18, float %18, float %27)
  %29 = fadd float %28, %26
  %30 = call float @llvm.sqrt.f32(float %23)
  %31 = fneg float %30
  %32 = call float @llvm.fma.f32(float %31, float %30, float %23)
  %33 = fadd float %32, %29
  %34 = fmul float %33, 5.000000e-01
  %35 = fcmp ogt float %23, 0.000000e+00
  %36 = select i1 %35, float %30, float 1.000000e+00
  %37 = fdiv float %34, %36
  %38 = fcmp uno float %0, 0.000000e+00
  %39 = fadd float %30, %37
  %40 = fmul float %16, %39
  %41 = select i1 %38, float %3, float %40
  %42 = select i1 %7, float 0x7FF0000000000000, float %41
  ret float %42
}

define linkonce_odr double @fgrad.hypot.f64(double %0, double %1) alwaysinline nounwind willreturn memory(none) {
  %3 = call double @llvm.fabs.f64(double %0)
  %4 = call double @llvm.fabs.f64(double %1)
  %5 = fcmp oeq double %3, 0x7FF0000000000000
  %6 = fcmp oeq double %4, 0x7FF0000000000000
  %7 = or i1 %5, %6
  %8 = fcmp ogt double %3, %4
  %9 = select i1 %8, double %3, double %4
  %10 = select i1 %8, double %4, double %3
  %11 = fcmp ogt double %9, 0x5FE0000000000000
  %12 = fcmp olt double %9, 0x2000000000000000
  %13 = select i1 %12, double 0x6350000000000000, double 1.000000e+00
  %14 = select i1 %11, double 0x1C90000000000000, double %13
  %15 = select i1 %12, double 0x1C90000000000000, double 1.000000e+00
  %16 = select i1 %11, double 0x6350000000000000, double %15
  %17 = fmul double %9, %14
  %18 = fmul double %10, %14
  %19 = fmul double %17, %17
  %20 = fneg double %19
  %21 = call double @llvm.fma.f64(double %17, double %17, double %20)
  %22 = fmul double %18, %18
  %23 = fadd double %19, %22
  %24 = fsub double %19, %23
  %25 = fadd double %22, %24
  %26 = fadd double %21, %25
  %27 = fneg double %22
  %28 = call double @llvm.fma.f64(double %18, double %18, double %27)
  %29 = fadd double %28, %26
  %30 = call double @llvm.sqrt.f64(double %23)
  %31 = fneg double %30
  %32 = call double @llvm.fma.f64(double %31, double %30, double %23)
  %33 = fadd double %32, %29
  %34 = fmul double %33, 5.000000e-01
  %35 = fcmp ogt double %23, 0.000000e+00
  %36 = select i1 %35, double %30, double 1.000000e+00
  %37 = fdiv double %34, %36
  %38 = fcmp uno double %0, 0.000000e+00
  %39 = fadd double %30, %37
  %40 = fmul double %16, %39
  %41 = select i1 %38, double %3, double %40
  %42 = select i1 %7, double 0x7FF0000000000000, double %41
  ret double %42
}

define linkonce_odr float @fgrad.lgamma.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fcmp olt float %2, 0x3810000000000000
  %4 = fmul float %2, 0x4180000000000000
  %5 = select i1 %3, float %4, float %2
  %6 = bitcast float %5 to i32
  %7 = add i32 %6, 4913933
  %8 = lshr i32 %7, 23
  %9 = and i32 %7, -8388608
  %10 = add i32 %6, 1065353216
  %11 = sub i32 %10, %9
  %12 = bitcast i32 %11 to float
  %13 = or i32 %8, 1258291200
  %14 = bitcast i32 %13 to float
  %15 = fadd float %14, 0xC160000FE0000000
  %16 = fadd float %12, -1.000000e+00
  %17 = select i1 %3, float 2.500000e+01, float 0.000000e+00
  %18 = fsub float %15, %17
  %19 = fadd float %16, 2.000000e+00
  %20 = fdiv float %16, %19
  %21 = fmul float %20, %20
  %22 = call float @llvm.fmuladd.f32(float %21, float 0x3FCE257D80000000, float 0x3FD243D9E0000000)
  %23 = fmul float %21, %21
  %24 = call float @llvm.fmuladd.f32(float %21, float 0x3FD999A640000000, float 0x3FE5555560000000)
  %25 = call float @llvm.fmuladd.f32(float %22, float %23, float %24)
  %26 = fmul float %16, 5.000000e-01
  %27 = fmul float %16, %26
  %28 = call float @llvm.fmuladd.f32(float %21, float %25, float %27)
  %29 = fmul float %20, %28
  %30 = call float @llvm.fmuladd.f32(float %18, float 0xBF2BD01060000000, float %29)
  %31 = fsub float %30, %27
  %32 = call float @llvm.fmuladd.f32(float %18, float 0x3FE6300000000000, float -1.000000e+00)
  %33 = fadd float %16, %32
  %34 = fsub float %33, %32
  %35 = fsub float %33, %34
  %36 = fsub float %32, %35
  %37 = fsub float %16, %34
  %38 = fadd float %37, %36
  %39 = fadd float %33, %31
  %40 = fsub float %39, %33
  %41 = fsub float %40, %39
  %42 = fadd float %33, %41
  %43 = fsub float %31, %40
  %44 = fadd float %43, %42
  %45 = fcmp olt float %2, 0x3FE99999A0000000
  %46 = fadd float %2, -1.000000e+00
  %47 = select i1 %45, float %2, float %46
  %48 = fadd float %47, -1.000000e+00
  %49 = fmul float %47, %48
  %50 = fneg float %49
  %51 = call float @llvm.fma.f32(float %47, float %48, float %50)
  %52 = fadd float %2, -5.000000e-01
  %53 = fmul float %52, %39
  %54 = fcmp one float %53, 0x7FF0000000000000
  %55 = fadd float %38, %44
  %56 = fneg float %53
  %57 = call float @llvm.fma.f32(float %52, float %39, float %56)
  %58 = call float @llvm.fmuladd.f32(float %52, float %55, float %57)
  %59 = fdiv float 1.000000e+00, %2
  %60 = fmul float %59, %59
  %61 = call float @llvm.fmuladd.f32(float %60, float 0xBF3DDD7B60000000, float 0x3F49B87E00000000)
  %62 = fmul float %60, %60
  %63 = call float @llvm.fmuladd.f32(float %60, float 0xBF66C10A20000000, float 0x3FB5555560000000)
  %64 = call float @llvm.fmuladd.f32(float %61, float %62, float %63)
  %65 = call float @llvm.fmuladd.f32(float %59, float %64, float 0x3FDACFE3A0000000)
  %66 = fadd float %65, %58
  %67 = fadd float %53, %66
  %68 = select i1 %54, float %67, float 0x7FF0000000000000
  %69 = call float @llvm.fmuladd.f32(float %47, float 0xBEF0C360A0000000, float 0xBF8654F9A0000000)
  %70 = call float @llvm.fmuladd.f32(float %69, float %47, float 0xBFB941DCC0000000)
  %71 = call float @llvm.fmuladd.f32(float %70, float %47, float 0xBFC922DA20000000)
  %72 = call float @llvm.fmuladd.f32(float %71, float %47, float 0xBF97D8C920000000)
  %73 = call float @llvm.fmuladd.f32(float %72, float %47, float 0x3FBBC467E0000000)
  %74 = call float @llvm.fmuladd.f32(float %47, float 0x3F99EFD980000000, float 0x3FD6432500000000)
  %75 = call float @llvm.fmuladd.f32(float %74, float %47, float 0x3FF6232060000000)
  %76 = call float @llvm.fmuladd.f32(float %75, float %47, float 0x40005F03C0000000)
  %77 = call float @llvm.fmuladd.f32(float %76, float %47, float 1.000000e+00)
  %78 = fdiv float %73, %77
  %79 = fadd float %78, 4.687500e-01
  %80 = fmul float %51, %79
  %81 = call float @llvm.fmuladd.f32(float %49, float %78, float %80)
  %82 = call float @llvm.fmuladd.f32(float %49, float 4.687500e-01, float %81)
  %83 = fadd float %16, %31
  %84 = call float @llvm.fmuladd.f32(float %18, float 0x3FE6300000000000, float %83)
  %85 = select i1 %45, float %84, float 0.000000e+00
  %86 = fsub float %82, %85
  %87 = fcmp olt float %2, 3.000000e+00
  %88 = select i1 %87, float %86, float %68
  %89 = fcmp olt float %2, 0x3E80000000000000
  %90 = fneg float %84
  %91 = select i1 %89, float %90, float %88
  %92 = fcmp olt float %0, 0.000000e+00
  %93 = call float @fgrad.lgamma.f32.negative(float %0) "vector-function-abi-variant"="_ZGV_LLVM_N4v_fgrad.lgamma.f32.negative(fgrad.lgamma.f32.negative.x4),_ZGV_LLVM_N8v_fgrad.lgamma.f32.negative(fgrad.lgamma.f32.negative.x8),_ZGV_LLVM_N16v_fgrad.lgamma.f32.negative(fgrad.lgamma.f32.negative.x16)"
  %94 = fadd float %91, 0.000000e+00
  %95 = select i1 %92, float %93, float %94
  %96 = fcmp oeq float %0, 0.000000e+00
  %97 = select i1 %96, float 0x7FF0000000000000, float %95
  %98 = fcmp one float %2, 0x7FF0000000000000
  %99 = select i1 %98, float %97, float %0
  ret float %99
}

define linkonce_odr float @fgrad.lgamma.f32.negative(float %0) noinline nounwind willreturn memory(none) {
  %2 = fcmp olt float %0, 0.000000e+00
  %likely.2 = call i1 @llvm.expect.i1(i1 %2, i1 false)
  br i1 %likely.2, label %3, label %7
3:
  %4 = fpext float %0 to double
  %5 = call double @fgrad.lgamma_negative.f64(double %4)
  %6 = fptrunc double %5 to float
  br label %7
7:
  %8 = phi float [ %6, %3 ], [ 0.000000e+00, %1 ]
  ret float %8
}

define linkonce_odr <16 x float> @fgrad.lgamma.f32.negative.x16(<16 x float> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt <16 x float> %0, zeroinitializer
  %3 = bitcast <16 x i1> %2 to i16
  %4 = icmp eq i16 %3, 0
  %likely.4 = call i1 @llvm.expect.i1(i1 %4, i1 true)
  br i1 %likely.4, label %7, label %5
5:
  %6 = call <16 x float> @fgrad.lgamma.f32.negative.x16.lanes(<16 x float> %0)
  br label %7
7:
  %8 = phi <16 x float> [ zeroinitializer, %1 ], [ %6, %5 ]
  ret <16 x float> %8
}

define linkonce_odr <16 x float> @fgrad.lgamma.f32.negative.x16.lanes(<16 x float> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <16 x float> %0, i64 0
  %3 = call float @fgrad.lgamma.f32.negative(float %2)
  %4 = insertelement <16 x float> %0, float %3, i64 0
  %5 = extractelement <16 x float> %0, i64 1
  %6 = call float @fgrad.lgamma.f32.negative(float %5)
  %7 = insertelement <16 x float> %4, float %6, i64 1
  %8 = extractelement <16 x float> %0, i64 2
  %9 = call float @fgrad.lgamma.f32.negative(float %8)
  %10 = insertelement <16 x float> %7, float %9, i64 2
  %11 = extractelement <16 x float> %0, i64 3
  %12 = call float @fgrad.lgamma.f32.negative(float %11)
  %13 = insertelement <16 x float> %10, float %12, i64 3
  %14 = extractelement <16 x float> %0, i64 4
  %15 = call float @fgrad.lgamma.f32.negative(float %14)
  %16 = insertelement <16 x float> %13, float %15, i64 4
  %17 = extractelement <16 x float> %0, i64 5
  %18 = call float @fgrad.lgamma.f32.negative(float %17)
  %19 = insertelement <16 x float> %16, float %18, i64 5
  %20 = extractelement <16 x float> %0, i64 6
  %21 = call float @fgrad.lgamma.f32.negative(float %20)
  %22 = insertelement <16 x float> %19, float %21, i64 6
  %23 = extractelement <16 x float> %0, i64 7
  %24 = call float @fgrad.lgamma.f32.negative(float %23)
  %25 = insertelement <16 x float> %22, float %24, i64 7
  %26 = extractelement <16 x float> %0, i64 8
  %27 = call float @fgrad.lgamma.f32.negative(float %26)
  %28 = insertelement <16 x float> %25, float %27, i64 8
  %29 = extractelement <16 x float> %0, i64 9
  %30 = call float @fgrad.lgamma.f32.negative(float %29)
  %31 = insertelement <16 x float> %28, float %30, i64 9
  %32 = extractelement <16 x float> %0, i64 10
  %33 = call float @fgrad.lgamma.f32.negative(float %32)
  %34 = insertelement <16 x float> %31, float %33, i64 10
  %35 = extractelement <16 x float> %0, i64 11
  %36 = call float @fgrad.lgamma.f32.negative(float %35)
  %37 = insertelement <16 x float> %34, float %36, i64 11
  %38 = extractelement <16 x float> %0, i64 12
  %39 = call float @fgrad.lgamma.f32.negative(float %38)
  %40 = insertelement <16 x float> %37, float %39, i64 12
  %41 = extractelement <16 x float> %0, i64 13
  %42 = call float @fgrad.lgamma.f32.negative(float %41)
  %43 = insertelement <16 x float> %40, float %42, i64 13
  %44 = extractelement <16 x float> %0, i64 14
  %45 = call float @fgrad.lgamma.f32.negative(float %44)
  %46 = insertelement <16 x float> %43, float %45, i64 14
  %47 = extractelement <16 x float> %0, i64 15
  %48 = call float @fgrad.lgamma.f32.negative(float %47)
  %49 = insertelement <16 x float> %46, float %48, i64 15
  ret <16 x float> %49
}

define linkonce_odr <4 x float> @fgrad.lgamma.f32.negative.x4(<4 x float> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt <4 x float> %0, zeroinitializer
  %3 = bitcast <4 x i1> %2 to i4
  %4 = icmp eq i4 %3, 0
  %likely.4 = call i1 @llvm.expect.i1(i1 %4, i1 true)
  br i1 %likely.4, label %7, label %5
5:
  %6 = call <4 x float> @fgrad.lgamma.f32.negative.x4.lanes(<4 x float> %0)
  br label %7
7:
  %8 = phi <4 x float> [ zeroinitializer, %1 ], [ %6, %5 ]
  ret <4 x float> %8
}

define linkonce_odr <4 x float> @fgrad.lgamma.f32.negative.x4.lanes(<4 x float> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <4 x float> %0, i64 0
  %3 = call float @fgrad.lgamma.f32.negative(float %2)
  %4 = insertelement <4 x float> poison, float %3, i64 0
  %5 = extractelement <4 x float> %0, i64 1
  %6 = call float @fgrad.lgamma.f32.negative(float %5)
  %7 = insertelement <4 x float> %4, float %6, i64 1
  %8 = extractelement <4 x float> %0, i64 2
  %9 = call float @fgrad.lgamma.f32.negative(float %8)
  %10 = insertelement <4 x float> %7, float %9, i64 2
  %11 = extractelement <4 x float> %0, i64 3
  %12 = call float @fgrad.lgamma.f32.negative(float %11)
  %13 = insertelement <4 x float> %10, float %12, i64 3
  ret <4 x float> %13
}

define linkonce_odr <8 x float> @fgrad.lgamma.f32.negative.x8(<8 x float> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt <8 x float> %0, zeroinitializer
  %3 = bitcast <8 x i1> %2 to i8
  %4 = icmp eq i8 %3, 0
  %likely.4 = call i1 @llvm.expect.i1(i1 %4, i1 true)
  br i1 %likely.4, label %7, label %5
5:
  %6 = call <8 x float> @fgrad.lgamma.f32.negative.x8.lanes(<8 x float> %0)
  br label %7
7:
  %8 = phi <8 x float> [ zeroinitializer, %1 ], [ %6, %5 ]
  ret <8 x float> %8
}

define linkonce_odr <8 x float> @fgrad.lgamma.f32.negative.x8.lanes(<8 x float> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <8 x float> %0, i64 0
  %3 = call float @fgrad.lgamma.f32.negative(float %2)
  %4 = insertelement <8 x float> poison, float %3, i64 0
  %5 = extractelement <8 x float> %0, i64 1
  %6 = call float @fgrad.lgamma.f32.negative(float %5)
  %7 = insertelement <8 x float> %4, float %6, i64 1
  %8 = extractelement <8 x float> %0, i64 2
  %9 = call float @fgrad.lgamma.f32.negative(float %8)
  %10 = insertelement <8 x float> %7, float %9, i64 2
  %11 = extractelement <8 x float> %0, i64 3
  %12 = call float @fgrad.lgamma.f32.negative(float %11)
  %13 = insertelement <8 x float> %10, float %12, i64 3
  %14 = extractelement <8 x float> %0, i64 4
  %15 = call float @fgrad.lgamma.f32.negative(float %14)
  %16 = insertelement <8 x float> %13, float %15, i64 4
  %17 = extractelement <8 x float> %0, i64 5
  %18 = call float @fgrad.lgamma.f32.negative(float %17)
  %19 = insertelement <8 x float> %16, float %18, i64 5
  %20 = extractelement <8 x float> %0, i64 6
  %21 = call float @fgrad.lgamma.f32.negative(float %20)
  %22 = insertelement <8 x float> %19, float %21, i64 6
  %23 = extractelement <8 x float> %0, i64 7
  %24 = call float @fgrad.lgamma.f32.negative(float %23)
  %25 = insertelement <8 x float> %22, float %24, i64 7
  ret <8 x float> %25
}

define linkonce_odr double @fgrad.lgamma.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fcmp olt double %2, 0x10000000000000
  %4 = fmul double %2, 0x4350000000000000
  %5 = select i1 %3, double %4, double %2
  %6 = bitcast double %5 to i64
  %7 = add i64 %6, 2638147582215219
  %8 = lshr i64 %7, 52
  %9 = and i64 %7, -4503599627370496
  %10 = add i64 %6, 4607182418800017408
  %11 = sub i64 %10, %9
  %12 = bitcast i64 %11 to double
  %13 = or i64 %8, 4841369599423283200
  %14 = bitcast i64 %13 to double
  %15 = fadd double %14, 0xC3300000000003FF
  %16 = fadd double %12, -1.000000e+00
  %17 = select i1 %3, double 5.400000e+01, double 0.000000e+00
  %18 = fsub double %15, %17
  %19 = fadd double %16, 2.000000e+00
  %20 = fdiv double %16, %19
  %21 = fmul double %20, %20
  %22 = fmul double %21, %21
  %23 = call double @llvm.fmuladd.f64(double %21, double 0x3FC39B79F6A54269, double 0x3FC74655460D71F8)
  %24 = call double @llvm.fmuladd.f64(double %22, double 0x3FC2E36E829BFE76, double %23)
  %25 = fmul double %22, %22
  %26 = call double @llvm.fmuladd.f64(double %21, double 0x3FCC71C56ED6F79F, double 0x3FD2492493B36AA3)
  %27 = call double @llvm.fmuladd.f64(double %21, double 0x3FD9999999988A1A, double 0x3FE5555555555572)
  %28 = call double @llvm.fmuladd.f64(double %26, double %22, double %27)
  %29 = call double @llvm.fmuladd.f64(double %24, double %25, double %28)
  %30 = fmul double %16, 5.000000e-01
  %31 = fmul double %16, %30
  %32 = call double @llvm.fmuladd.f64(double %21, double %29, double %31)
  %33 = fmul double %20, %32
  %34 = call double @llvm.fmuladd.f64(double %18, double 0x3DEA39EF35793C76, double %33)
  %35 = fsub double %34, %31
  %36 = call double @llvm.fmuladd.f64(double %18, double 0x3FE62E42FEE00000, double -1.000000e+00)
  %37 = fadd double %16, %36
  %38 = fsub double %37, %36
  %39 = fsub double %37, %38
  %40 = fsub double %36, %39
  %41 = fsub double %16, %38
  %42 = fadd double %41, %40
  %43 = fadd double %37, %35
  %44 = fsub double %43, %37
  %45 = fsub double %44, %43
  %46 = fadd double %37, %45
  %47 = fsub double %35, %44
  %48 = fadd double %47, %46
  %49 = fcmp olt double %2, 8.000000e-01
  %50 = fadd double %2, -1.000000e+00
  %51 = select i1 %49, double %2, double %50
  %52 = fadd double %51, -1.000000e+00
  %53 = fmul double %51, %52
  %54 = fneg double %53
  %55 = call double @llvm.fma.f64(double %51, double %52, double %54)
  %56 = fadd double %2, -5.000000e-01
  %57 = fmul double %56, %43
  %58 = fcmp one double %57, 0x7FF0000000000000
  %59 = fadd double %42, %48
  %60 = fneg double %57
  %61 = call double @llvm.fma.f64(double %56, double %43, double %60)
  %62 = call double @llvm.fmuladd.f64(double %56, double %59, double %61)
  %63 = fdiv double 1.000000e+00, %2
  %64 = fmul double %63, %63
  %65 = call double @llvm.fmuladd.f64(double %64, double 0xBFF5228133A77B9A, double 0x3FF13073EACCBEFD)
  %66 = fmul double %64, %64
  %67 = call double @llvm.fmuladd.f64(double %64, double 0xBFDB13A831ADC710, double 0x3FBD2228966AE767)
  %68 = call double @llvm.fmuladd.f64(double %65, double %66, double %67)
  %69 = fmul double %66, %66
  %70 = fmul double %69, %69
  %71 = call double @llvm.fmuladd.f64(double %64, double 0xBF9AAEEB1E8F45EE, double 0x3F79B38E48B33FF8)
  %72 = call double @llvm.fmuladd.f64(double %64, double 0xBF5F5B64B136B86F, double 0x3F4B949446E9F807)
  %73 = call double @llvm.fmuladd.f64(double %71, double %66, double %72)
  %74 = call double @llvm.fmuladd.f64(double %64, double 0xBF4381369DC33961, double 0x3F4A01A017F04017)
  %75 = call double @llvm.fmuladd.f64(double %64, double 0xBF66C16C16C12238, double 0x3FB5555555555555)
  %76 = call double @llvm.fmuladd.f64(double %74, double %66, double %75)
  %77 = call double @llvm.fmuladd.f64(double %73, double %69, double %76)
  %78 = call double @llvm.fmuladd.f64(double %68, double %70, double %77)
  %79 = call double @llvm.fmuladd.f64(double %63, double %78, double 0x3FDACFE390C97D69)
  %80 = fadd double %79, %62
  %81 = fadd double %57, %80
  %82 = select i1 %58, double %81, double 0x7FF0000000000000
  %83 = call double @llvm.fmuladd.f64(double %51, double 0xBECCBF2CCB5F4FD9, double 0xBF30CBFBC2DF989E)
  %84 = call double @llvm.fmuladd.f64(double %83, double %51, double 0xBF7638819897DA72)
  %85 = call double @llvm.fmuladd.f64(double %84, double %51, double 0xBFA8B9058429C9F2)
  %86 = call double @llvm.fmuladd.f64(double %85, double %51, double 0xBFCAF6CC0EDC1E67)
  %87 = call double @llvm.fmuladd.f64(double %86, double %51, double 0xBFDE1546DD21A25C)
  %88 = call double @llvm.fmuladd.f64(double %87, double %51, double 0xBFDF6A172CE5245B)
  %89 = call double @llvm.fmuladd.f64(double %88, double %51, double 0xBFBA10923B1CA7C0)
  %90 = call double @llvm.fmuladd.f64(double %89, double %51, double 0x3FC8EE33AC543012)
  %91 = call double @llvm.fmuladd.f64(double %90, double %51, double 0x3FBBC467E37DB0C8)
  %92 = call double @llvm.fmuladd.f64(double %51, double 0x3EDF056C51A78638, double 0x3F4427C174EC9D76)
  %93 = call double @llvm.fmuladd.f64(double %92, double %51, double 0x3F8F405B2AC4403B)
  %94 = call double @llvm.fmuladd.f64(double %93, double %51, double 0x3FC57B52226F8171)
  %95 = call double @llvm.fmuladd.f64(double %94, double %51, double 0x3FEEF3E8BA44AA63)
  %96 = call double @llvm.fmuladd.f64(double %95, double %51, double 0x40095D252D3C90C6)
  %97 = call double @llvm.fmuladd.f64(double %96, double %51, double 0x401866F61CE39345)
  %98 = call double @llvm.fmuladd.f64(double %97, double %51, double 0x401B3444FC8C583D)
  %99 = call double @llvm.fmuladd.f64(double %98, double %51, double 0x40103A2304BBDD42)
  %100 = call double @llvm.fmuladd.f64(double %99, double %51, double 1.000000e+00)
  %101 = fdiv double %91, %100
  %102 = fadd double %101, 4.687500e-01
  %103 = fmul double %55, %102
  %104 = call double @llvm.fmuladd.f64(double %53, double %101, double %103)
  %105 = call double @llvm.fmuladd.f64(double %53, double 4.687500e-01, double %104)
  %106 = fadd double %16, %35
  %107 = call double @llvm.fmuladd.f64(double %18, double 0x3FE62E42FEE00000, double %106)
  %108 = select i1 %49, double %107, double 0.000000e+00
  %109 = fsub double %105, %108
  %110 = fcmp olt double %2, 3.000000e+00
  %111 = select i1 %110, double %109, double %82
  %112 = fcmp olt double %2, 0x3CB0000000000000
  %113 = fneg double %107
  %114 = select i1 %112, double %113, double %111
  %115 = fcmp olt double %0, 0.000000e+00
  %116 = call double @fgrad.lgamma.f64.negative(double %0) "vector-function-abi-variant"="_ZGV_LLVM_N2v_fgrad.lgamma.f64.negative(fgrad.lgamma.f64.negative.x2),_ZGV_LLVM_N4v_fgrad.lgamma.f64.negative(fgrad.lgamma.f64.negative.x4),_ZGV_LLVM_N8v_fgrad.lgamma.f64.negative(fgrad.lgamma.f64.negative.x8)"
  %117 = fadd double %114, 0.000000e+00
  %118 = select i1 %115, double %116, double %117
  %119 = fcmp oeq double %0, 0.000000e+00
  %120 = select i1 %119, double 0x7FF0000000000000, double %118
  %121 = fcmp one double %2, 0x7FF0000000000000
  %122 = select i1 %121, double %120, double %0
  ret double %122
}

define linkonce_odr double @fgrad.lgamma.f64.negative(double %0) noinline nounwind willreturn memory(none) {
  %2 = fcmp olt double %0, 0.000000e+00
  %likely.2 = call i1 @llvm.expect.i1(i1 %2, i1 false)
  br i1 %likely.2, label %3, label %5
3:
  %4 = call double @fgrad.lgamma_negative.f64(double %0)
  br label %5
5:
  %6 = phi double [ %4, %3 ], [ 0.000000e+00, %1 ]
  ret double %6
}

define linkonce_odr <2 x double> @fgrad.lgamma.f64.negative.x2(<2 x double> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt <2 x double> %0, zeroinitializer
  %3 = bitcast <2 x i1> %2 to i2
  %4 = icmp eq i2 %3, 0
  %likely.4 = call i1 @llvm.expect.i1(i1 %4, i1 true)
  br i1 %likely.4, label %7, label %5
5:
  %6 = call <2 x double> @fgrad.lgamma.f64.negative.x2.lanes(<2 x double> %0)
  br label %7
7:
  %8 = phi <2 x double> [ zeroinitializer, %1 ], [ %6, %5 ]
  ret <2 x double> %8
}

define linkonce_odr <2 x double> @fgrad.lgamma.f64.negative.x2.lanes(<2 x double> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <2 x double> %0, i64 0
  %3 = call double @fgrad.lgamma.f64.negative(double %2)
  %4 = insertelement <2 x double> poison, double %3, i64 0
  %5 = extractelement <2 x double> %0, i64 1
  %6 = call double @fgrad.lgamma.f64.negative(double %5)
  %7 = insertelement <2 x double> %4, double %6, i64 1
  ret <2 x double> %7
}

define linkonce_odr <4 x double> @fgrad.lgamma.f64.negative.x4(<4 x double> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt <4 x double> %0, zeroinitializer
  %3 = bitcast <4 x i1> %2 to i4
  %4 = icmp eq i4 %3, 0
  %likely.4 = call i1 @llvm.expect.i1(i1 %4, i1 true)
  br i1 %likely.4, label %7, label %5
5:
  %6 = call <4 x double> @fgrad.lgamma.f64.negative.x4.lanes(<4 x double> %0)
  br label %7
7:
  %8 = phi <4 x double> [ zeroinitializer, %1 ], [ %6, %5 ]
  ret <4 x double> %8
}

define linkonce_odr <4 x double> @fgrad.lgamma.f64.negative.x4.lanes(<4 x double> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <4 x double> %0, i64 0
  %3 = call double @fgrad.lgamma.f64.negative(double %2)
  %4 = insertelement <4 x double> poison, double %3, i64 0
  %5 = extractelement <4 x double> %0, i64 1
  %6 = call double @fgrad.lgamma.f64.negative(double %5)
  %7 = insertelement <4 x double> %4, double %6, i64 1
  %8 = extractelement <4 x double> %0, i64 2
  %9 = call double @fgrad.lgamma.f64.negative(double %8)
  %10 = insertelement <4 x double> %7, double %9, i64 2
  %11 = extractelement <4 x double> %0, i64 3
  %12 = call double @fgrad.lgamma.f64.negative(double %11)
  %13 = insertelement <4 x double> %10, double %12, i64 3
  ret <4 x double> %13
}

define linkonce_odr <8 x double> @fgrad.lgamma.f64.negative.x8(<8 x double> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt <8 x double> %0, zeroinitializer
  %3 = bitcast <8 x i1> %2 to i8
  %4 = icmp eq i8 %3, 0
  %likely.4 = call i1 @llvm.expect.i1(i1 %4, i1 true)
  br i1 %likely.4, label %7, label %5
5:
  %6 = call <8 x double> @fgrad.lgamma.f64.negative.x8.lanes(<8 x double> %0)
  br label %7
7:
  %8 = phi <8 x double> [ zeroinitializer, %1 ], [ %6, %5 ]
  ret <8 x double> %8
}

define linkonce_odr <8 x double> @fgrad.lgamma.f64.negative.x8.lanes(<8 x double> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <8 x double> %0, i64 0
  %3 = call double @fgrad.lgamma.f64.negative(double %2)
  %4 = insertelement <8 x double> poison, double %3, i64 0
  %5 = extractelement <8 x double> %0, i64 1
  %6 = call double @fgrad.lgamma.f64.negative(double %5)
  %7 = insertelement <8 x double> %4, double %6, i64 1
  %8 = extractelement <8 x double> %0, i64 2
  %9 = call double @fgrad.lgamma.f64.negative(double %8)
  %10 = insertelement <8 x double> %7, double %9, i64 2
  %11 = extractelement <8 x double> %0, i64 3
  %12 = call double @fgrad.lgamma.f64.negative(double %11)
  %13 = insertelement <8 x double> %10, double %12, i64 3
  %14 = extractelement <8 x double> %0, i64 4
  %15 = call double @fgrad.lgamma.f64.negative(double %14)
  %16 = insertelement <8 x double> %13, double %15, i64 4
  %17 = extractelement <8 x double> %0, i64 5
  %18 = call double @fgrad.lgamma.f64.negative(double %17)
  %19 = insertelement <8 x double> %16, double %18, i64 5
  %20 = extractelement <8 x double> %0, i64 6
  %21 = call double @fgrad.lgamma.f64.negative(double %20)
  %22 = insertelement <8 x double> %19, double %21, i64 6
  %23 = extractelement <8 x double> %0, i64 7
  %24 = call double @fgrad.lgamma.f64.negative(double %23)
  %25 = insertelement <8 x double> %22, double %24, i64 7
  ret <8 x double> %25
}

define linkonce_odr double @fgrad.lgamma_negative.f64(double %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = fneg double %0
  %3 = call double @llvm.rint.f64(double %2)
  %4 = fadd double %0, %3
  %5 = fcmp oeq double %4, 0.000000e+00
  br i1 %5, label %443, label %6
6:
  %7 = fcmp ogt double %3, 1.800000e+01
  br i1 %7, label %8, label %316
8:
  %9 = call double @llvm.fabs.f64(double %4)
  %10 = fcmp ogt double %0, 0x8010000000000000
  %11 = fmul double %0, 0xC350000000000000
  %12 = select i1 %10, double %11, double %2
  %13 = bitcast double %12 to i64
  %14 = add i64 %13, 2638147582215219
  %15 = lshr i64 %14, 52
  %16 = and i64 %14, -4503599627370496
  %17 = add i64 %13, 4607182418800017408
  %18 = sub i64 %17, %16
  %19 = bitcast i64 %18 to double
  %20 = or i64 %15, 4841369599423283200
  %21 = bitcast i64 %20 to double
  %22 = fadd double %21, 0xC3300000000003FF
  %23 = fadd double %19, -1.000000e+00
  %24 = select i1 %10, double 5.400000e+01, double 0.000000e+00
  %25 = fsub double %22, %24
  %26 = fadd double %23, 2.000000e+00
  %27 = fadd double %26, -2.000000e+00
  %28 = fsub double %23, %27
  %29 = fdiv double 1.000000e+00, %26
  %30 = fmul double %23, %29
  %31 = fneg double %30
  %32 = call double @llvm.fma.f64(double %31, double %26, double %23)
  %33 = fmul double %30, %28
  %34 = fsub double %32, %33
  %35 = fmul double %29, %34
  %36 = fmul double %30, %30
  %37 = fneg double %36
  %38 = call double @llvm.fma.f64(double %30, double %30, double %37)
  %39 = fadd double %30, %30
  %40 = call double @llvm.fmuladd.f64(double %39, double %35, double %38)
  %41 = fmul double %30, %36
  %42 = fneg double %41
  %43 = call double @llvm.fma.f64(double %30, double %36, double %42)
  %44 = fmul double %36, %35
  %45 = call double @llvm.fmuladd.f64(double %30, double %40, double %44)
  %46 = fadd double %43, %45
  %47 = fmul double %41, 0x3FE5555555555555
  %48 = fneg double %47
  %49 = call double @llvm.fma.f64(double %41, double 0x3FE5555555555555, double %48)
  %50 = fmul double %46, 0x3FE5555555555555
  %51 = call double @llvm.fmuladd.f64(double %41, double 0x3C85555555555555, double %50)
  %52 = fadd double %49, %51
  %53 = fmul double %36, %41
  %54 = call double @llvm.fmuladd.f64(double %36, double 0x3FD249249248315A, double 0x3FD99999999999CD)
  %55 = call double @llvm.fmuladd.f64(double %36, double 0x3FC745CFF38ABF57, double 0x3FCC71C71EFAD569)
  %56 = call double @llvm.fmuladd.f64(double %36, double 0x3FC0FD95799E7E2D, double 0x3FC3B1B12551ADBB)
  %57 = fmul double %36, %36
  %58 = call double @llvm.fmuladd.f64(double %55, double %57, double %54)
  %59 = call double @llvm.fmuladd.f64(double %57, double 0x3FC0B0A11C184235, double %56)
  %60 = fmul double %57, %57
  %61 = call double @llvm.fmuladd.f64(double %59, double %60, double %58)
  %62 = call double @llvm.fmuladd.f64(double %53, double %61, double %52)
  %63 = fadd double %39, %47
  %64 = fsub double %63, %39
  %65 = fsub double %47, %64
  %66 = fadd double %35, %35
  %67 = fadd double %66, %62
  %68 = fadd double %65, %67
  %69 = fmul double %25, 0x3FE62E42FEFA3800
  %70 = fadd double %69, %63
  %71 = fsub double %70, %69
  %72 = fsub double %70, %71
  %73 = fsub double %69, %72
  %74 = fsub double %63, %71
  %75 = fadd double %74, %73
  %76 = call double @llvm.fmuladd.f64(double %25, double 0x3D2EF35793C76730, double %68)
  %77 = fadd double %75, %76
  %78 = fadd double %70, %77
  %79 = fsub double %78, %70
  %80 = fsub double %77, %79
  %81 = fadd double %78, -1.000000e+00
  %82 = fsub double %81, %78
  %83 = fsub double %81, %82
  %84 = fsub double %78, %83
  %85 = fsub double -1.000000e+00, %82
  %86 = fadd double %85, %84
  %87 = fadd double %80, %86
  %88 = fsub double -5.000000e-01, %0
  %89 = fneg double %88
  %90 = fmul double %81, %89
  %91 = call double @llvm.fma.f64(double %81, double %88, double %90)
  %92 = call double @llvm.fmuladd.f64(double %87, double %88, double %91)
  %93 = fdiv double -1.000000e+00, %0
  %94 = fcmp ogt double %9, 2.500000e-01
  %95 = fsub double 5.000000e-01, %9
  %96 = select i1 %94, double %95, double %9
  %97 = fmul double %96, 0x400921FB54442D18
  %98 = fneg double %97
  %99 = call double @llvm.fma.f64(double %96, double 0x400921FB54442D18, double %98)
  %100 = call double @llvm.fmuladd.f64(double %96, double 0x3CA1A62633145C07, double %99)
  %101 = fmul double %97, %97
  %102 = call double @llvm.fmuladd.f64(double %101, double -5.000000e-01, double 1.000000e+00)
  %103 = fmul double %101, %101
  %104 = fmul double %103, %103
  br i1 %94, label %105, label %118
105:
  %106 = fsub double 1.000000e+00, %102
  %107 = call double @llvm.fmuladd.f64(double %101, double -5.000000e-01, double %106)
  %108 = call double @llvm.fmuladd.f64(double %101, double 0xBDA8FF0BA3FBDD1F, double 0x3E21EEA73B4BF46A)
  %109 = call double @llvm.fmuladd.f64(double %101, double 0xBE927E4F8DD9CAD0, double 0x3EFA01A019DE691E)
  %110 = call double @llvm.fmuladd.f64(double %101, double 0xBF56C16C16C15E6A, double 0x3FA5555555555552)
  %111 = call double @llvm.fmuladd.f64(double %109, double %103, double %110)
  %112 = call double @llvm.fmuladd.f64(double %108, double %104, double %111)
  %113 = fneg double %100
  %114 = fmul double %97, %113
  %115 = call double @llvm.fmuladd.f64(double %103, double %112, double %114)
  %116 = fadd double %107, %115
  %117 = fadd double %102, %116
  br label %214
118:
  %119 = fmul double %97, %101
  %120 = call double @llvm.fmuladd.f64(double %101, double 0x3DE5D7E54C18E20B, double 0xBE5AE5E2116ABB13)
  %121 = call double @llvm.fmuladd.f64(double %101, double 0x3EC71DE3522AF41D, double 0xBF2A01A019BB425A)
  %122 = call double @llvm.fmuladd.f64(double %101, double 0x3F8111111110F5BE, double 0xBFC5555555555547)
  %123 = call double @llvm.fmuladd.f64(double %121, double %103, double %122)
  %124 = call double @llvm.fmuladd.f64(double %120, double %104, double %123)
  %125 = fmul double %100, %102
  %126 = call double @llvm.fmuladd.f64(double %119, double %124, double %125)
  %127 = fadd double %97, %126
  br label %214
128:
  %129 = phi double [ %133, %128 ], [ %323, %316 ]
  %130 = phi double [ %136, %128 ], [ %326, %316 ]
  %131 = phi double [ %137, %128 ], [ 1.000000e+00, %316 ]
  %132 = fsub double %131, %4
  %133 = fmul double %129, %132
  %134 = fneg double %133
  %135 = call double @llvm.fma.f64(double %129, double %132, double %134)
  %136 = call double @llvm.fmuladd.f64(double %130, double %132, double %135)
  %137 = fadd double %131, 1.000000e+00
  %138 = fcmp ugt double %137, %3
  br i1 %138, label %139, label %128
139:
  %140 = phi double [ %323, %316 ], [ %133, %128 ]
  %141 = phi double [ %326, %316 ], [ %136, %128 ]
  %142 = call double @llvm.fmuladd.f64(double %4, double 0x3E2D1AA883805B96, double 0xBE3D73A2C2514000)
  %143 = call double @llvm.fmuladd.f64(double %142, double %4, double 0x3E461F9AB634FEC8)
  %144 = call double @llvm.fmuladd.f64(double %143, double %4, double 0xBE57701501493247)
  %145 = call double @llvm.fmuladd.f64(double %144, double %4, double 0x3E69B32FBB33A005)
  %146 = call double @llvm.fmuladd.f64(double %145, double %4, double 0xBE7B06B1C613C936)
  %147 = call double @llvm.fmuladd.f64(double %146, double %4, double 0x3E8C7599A36D3283)
  %148 = call double @llvm.fmuladd.f64(double %147, double %4, double 0xBE9E254CAE1F4C99)
  %149 = call double @llvm.fmuladd.f64(double %148, double %4, double 0x3EB006512C07043A)
  %150 = call double @llvm.fmuladd.f64(double %149, double %4, double 0xBEC11B30F3F52700)
  %151 = call double @llvm.fmuladd.f64(double %150, double %4, double 0x3ED2597A2606EDEB)
  %152 = call double @llvm.fmuladd.f64(double %151, double %4, double 0xBEE3CBC95B7AFC0E)
  %153 = call double @llvm.fmuladd.f64(double %152, double %4, double 0x3EF580DCEE9C1DEF)
  %154 = call double @llvm.fmuladd.f64(double %153, double %4, double 0xBF078DE5BD8D4298)
  %155 = call double @llvm.fmuladd.f64(double %154, double %4, double 0x3F1A127B0F178DD0)
  %156 = call double @llvm.fmuladd.f64(double %155, double %4, double 0xBF2D3FD4C76D207A)
  %157 = call double @llvm.fmuladd.f64(double %156, double %4, double 0x3F40B36AF86396FC)
  %158 = call double @llvm.fmuladd.f64(double %157, double %4, double 0xBF538AC5C2BF8E0A)
  %159 = call double @llvm.fmuladd.f64(double %158, double %4, double 0x3F67ADD6EADB6C30)
  br label %330
160:
  %161 = fcmp olt double %4, 0.000000e+00
  %162 = select i1 %161, i64 8, i64 0
  %163 = fptosi double %3 to i64
  %164 = shl i64 %163, 4
  %165 = or i64 %162, %164
  %166 = add i64 %165, -40
  %167 = icmp slt i64 %166, 208
  br i1 %167, label %168, label %443
168:
  %169 = icmp slt i64 %166, 0
  %170 = add nsw i64 %165, 168
  %171 = select i1 %169, i64 %170, i64 %166
  %172 = getelementptr double, ptr @fgrad.lgamma_negative.f64.constant0, i64 %171
  %173 = load double, ptr %172, align 8
  %174 = fsub double %0, %173
  %175 = icmp slt i64 %165, 38
  %176 = select i1 %175, i64 170, i64 -38
  %177 = getelementptr double, ptr @fgrad.lgamma_negative.f64.constant0, i64 %165
  %178 = getelementptr double, ptr %177, i64 %176
  %179 = load double, ptr %178, align 8
  %180 = icmp slt i64 %165, 39
  %181 = select i1 %180, i64 169, i64 -39
  %182 = getelementptr double, ptr %177, i64 %181
  %183 = load double, ptr %182, align 8
  %184 = fsub double %174, %183
  %185 = fmul double %184, %184
  %186 = icmp slt i64 %165, 33
  %187 = select i1 %186, i64 175, i64 -33
  %188 = getelementptr double, ptr %177, i64 %187
  %189 = load double, ptr %188, align 8
  %190 = icmp slt i64 %165, 34
  %191 = select i1 %190, i64 174, i64 -34
  %192 = getelementptr double, ptr %177, i64 %191
  %193 = load double, ptr %192, align 8
  %194 = call double @llvm.fmuladd.f64(double %189, double %184, double %193)
  %195 = icmp slt i64 %165, 35
  %196 = select i1 %195, i64 173, i64 -35
  %197 = getelementptr double, ptr %177, i64 %196
  %198 = load double, ptr %197, align 8
  %199 = call double @llvm.fmuladd.f64(double %194, double %184, double %198)
  %200 = icmp slt i64 %165, 36
  %201 = select i1 %200, i64 172, i64 -36
  %202 = getelementptr double, ptr %177, i64 %201
  %203 = load double, ptr %202, align 8
  %204 = call double @llvm.fmuladd.f64(double %199, double %184, double %203)
  %205 = icmp slt i64 %165, 37
  %206 = select i1 %205, i64 171, i64 -37
  %207 = getelementptr double, ptr %177, i64 %206
  %208 = load double, ptr %207, align 8
  %209 = fneg double %183
  %210 = fmul double %179, %209
  %211 = call double @llvm.fmuladd.f64(double %174, double %208, double %210)
  %212 = call double @llvm.fmuladd.f64(double %185, double %204, double %211)
  %213 = call double @llvm.fmuladd.f64(double %174, double %179, double %212)
  br label %443
214:
  %215 = phi double [ %117, %105 ], [ %127, %118 ]
  %216 = fmul double %215, %2
  %217 = fmul double %216, 0x3FD45F306DC9C883
  %218 = fcmp olt double %217, 0x10000000000000
  %219 = fmul double %217, 0x4350000000000000
  %220 = select i1 %218, double %219, double %217
  %221 = bitcast double %220 to i64
  %222 = add i64 %221, 2638147582215219
  %223 = lshr i64 %222, 52
  %224 = or i64 %223, 4841369599423283200
  %225 = bitcast i64 %224 to double
  %226 = fadd double %225, 0xC3300000000003FF
  %227 = select i1 %218, double 5.400000e+01, double 0.000000e+00
  %228 = fsub double %226, %227
  %229 = fmul double %228, 0x3FE62E42FEFA3800
  %230 = and i64 %222, -4503599627370496
  %231 = add i64 %221, 4607182418800017408
  %232 = sub i64 %231, %230
  %233 = bitcast i64 %232 to double
  %234 = fadd double %233, -1.000000e+00
  %235 = fadd double %234, 2.000000e+00
  %236 = fdiv double 1.000000e+00, %235
  %237 = fmul double %234, %236
  %238 = fadd double %237, %237
  %239 = fmul double %237, %237
  %240 = fmul double %237, %239
  %241 = fmul double %240, 0x3FE5555555555555
  %242 = fadd double %238, %241
  %243 = fadd double %229, %242
  %244 = fsub double %243, %229
  %245 = fsub double %243, %244
  %246 = fsub double %229, %245
  %247 = fsub double %242, %244
  %248 = fadd double %247, %246
  %249 = fsub double %242, %238
  %250 = fsub double %241, %249
  %251 = fmul double %239, %240
  %252 = fmul double %239, %239
  %253 = call double @llvm.fmuladd.f64(double %239, double 0x3FC0FD95799E7E2D, double 0x3FC3B1B12551ADBB)
  %254 = call double @llvm.fmuladd.f64(double %252, double 0x3FC0B0A11C184235, double %253)
  %255 = fmul double %252, %252
  %256 = call double @llvm.fmuladd.f64(double %239, double 0x3FC745CFF38ABF57, double 0x3FCC71C71EFAD569)
  %257 = call double @llvm.fmuladd.f64(double %239, double 0x3FD249249248315A, double 0x3FD99999999999CD)
  %258 = call double @llvm.fmuladd.f64(double %256, double %252, double %257)
  %259 = call double @llvm.fmuladd.f64(double %254, double %255, double %258)
  %260 = fneg double %241
  %261 = call double @llvm.fma.f64(double %240, double 0x3FE5555555555555, double %260)
  %262 = fneg double %240
  %263 = call double @llvm.fma.f64(double %237, double %239, double %262)
  %264 = fneg double %237
  %265 = call double @llvm.fma.f64(double %264, double %235, double %234)
  %266 = fadd double %235, -2.000000e+00
  %267 = fsub double %234, %266
  %268 = fmul double %237, %267
  %269 = fsub double %265, %268
  %270 = fmul double %236, %269
  %271 = fneg double %239
  %272 = call double @llvm.fma.f64(double %237, double %237, double %271)
  %273 = call double @llvm.fmuladd.f64(double %238, double %270, double %272)
  %274 = fmul double %239, %270
  %275 = call double @llvm.fmuladd.f64(double %237, double %273, double %274)
  %276 = fadd double %263, %275
  %277 = fmul double %276, 0x3FE5555555555555
  %278 = call double @llvm.fmuladd.f64(double %240, double 0x3C85555555555555, double %277)
  %279 = fadd double %261, %278
  %280 = call double @llvm.fmuladd.f64(double %251, double %259, double %279)
  %281 = fadd double %270, %270
  %282 = fadd double %281, %280
  %283 = fadd double %250, %282
  %284 = call double @llvm.fmuladd.f64(double %228, double 0x3D2EF35793C76730, double %283)
  %285 = fadd double %248, %284
  %286 = fadd double %243, %285
  %287 = fsub double %90, %286
  %288 = fsub double %287, %90
  %289 = fsub double %287, %288
  %290 = fsub double %90, %289
  %291 = fneg double %286
  %292 = fsub double %291, %288
  %293 = fadd double %292, %290
  %294 = fsub double %92, %293
  %295 = fsub double %286, %243
  %296 = fsub double %285, %295
  %297 = fmul double %93, %93
  %298 = call double @llvm.fmuladd.f64(double %297, double 0xBFF5228133A77B9A, double 0x3FF13073EACCBEFD)
  %299 = fmul double %297, %297
  %300 = call double @llvm.fmuladd.f64(double %297, double 0xBFDB13A831ADC710, double 0x3FBD2228966AE767)
  %301 = call double @llvm.fmuladd.f64(double %298, double %299, double %300)
  %302 = fmul double %299, %299
  %303 = fmul double %302, %302
  %304 = call double @llvm.fmuladd.f64(double %297, double 0xBF9AAEEB1E8F45EE, double 0x3F79B38E48B33FF8)
  %305 = call double @llvm.fmuladd.f64(double %297, double 0xBF5F5B64B136B86F, double 0x3F4B949446E9F807)
  %306 = call double @llvm.fmuladd.f64(double %304, double %299, double %305)
  %307 = call double @llvm.fmuladd.f64(double %297, double 0xBF4381369DC33961, double 0x3F4A01A017F04017)
  %308 = call double @llvm.fmuladd.f64(double %297, double 0xBF66C16C16C12238, double 0x3FB5555555555555)
  %309 = call double @llvm.fmuladd.f64(double %307, double %299, double %308)
  %310 = call double @llvm.fmuladd.f64(double %306, double %302, double %309)
  %311 = call double @llvm.fmuladd.f64(double %301, double %303, double %310)
  %312 = call double @llvm.fmuladd.f64(double %93, double %311, double 0x3FDACFE390C97D69)
  %313 = fadd double %312, %296
  %314 = fadd double %313, %294
  %315 = fsub double %287, %314
  br label %443
316:
  %317 = fadd double %4, 1.000000e+00
  %318 = fadd double %317, -1.000000e+00
  %319 = fsub double %318, %317
  %320 = fadd double %319, 1.000000e+00
  %321 = fsub double %4, %318
  %322 = fadd double %321, %320
  %323 = fmul double %4, %317
  %324 = fneg double %323
  %325 = call double @llvm.fma.f64(double %317, double %4, double %324)
  %326 = call double @llvm.fmuladd.f64(double %322, double %4, double %325)
  %327 = fcmp ult double %3, 1.000000e+00
  br i1 %327, label %139, label %128
328:
  %329 = fcmp oeq double %140, 0.000000e+00
  %likely.329 = call i1 @llvm.expect.i1(i1 %329, i1 false)
  br i1 %likely.329, label %443, label %352
330:
  %331 = phi double [ 0.000000e+00, %139 ], [ %350, %330 ]
  %332 = phi double [ %159, %139 ], [ %344, %330 ]
  %333 = phi i64 [ 4, %139 ], [ %336, %330 ]
  %334 = phi i64 [ 5, %139 ], [ %335, %330 ]
  %335 = add nsw i64 %334, -1
  %336 = add nsw i64 %333, -1
  %337 = fmul double %4, %332
  %338 = fneg double %337
  %339 = call double @llvm.fma.f64(double %332, double %4, double %338)
  %340 = call double @llvm.fmuladd.f64(double %331, double %4, double %339)
  %341 = call double @llvm.fmuladd.f64(double %332, double 0.000000e+00, double %340)
  %342 = getelementptr double, ptr @fgrad.lgamma_negative.f64.constant1, i64 %333
  %343 = load double, ptr %342, align 8
  %344 = fadd double %337, %343
  %345 = fsub double %344, %343
  %346 = fsub double %337, %345
  %347 = getelementptr double, ptr @fgrad.lgamma_negative.f64.constant2, i64 %333
  %348 = load double, ptr %347, align 8
  %349 = fadd double %348, %346
  %350 = fadd double %341, %349
  %351 = icmp ugt i64 %334, 1
  br i1 %351, label %330, label %328
352:
  %353 = call double @llvm.fabs.f64(double %140)
  %354 = fcmp olt double %353, 0x10000000000000
  %355 = fmul double %353, 0x4350000000000000
  %356 = select i1 %354, double %355, double %353
  %357 = bitcast double %356 to i64
  %358 = add i64 %357, 4607182418800017408
  %359 = add i64 %357, 2638147582215219
  %360 = and i64 %359, -4503599627370496
  %361 = sub i64 %358, %360
  %362 = bitcast i64 %361 to double
  %363 = fadd double %362, -1.000000e+00
  %364 = fadd double %363, 2.000000e+00
  %365 = fdiv double 1.000000e+00, %364
  %366 = fmul double %363, %365
  %367 = fadd double %366, %366
  %368 = fmul double %366, %366
  %369 = fmul double %366, %368
  %370 = fmul double %369, 0x3FE5555555555555
  %371 = fadd double %367, %370
  %372 = lshr i64 %359, 52
  %373 = or i64 %372, 4841369599423283200
  %374 = bitcast i64 %373 to double
  %375 = fadd double %374, 0xC3300000000003FF
  %376 = select i1 %354, double 5.400000e+01, double 0.000000e+00
  %377 = fsub double %375, %376
  %378 = fmul double %377, 0x3FE62E42FEFA3800
  %379 = fadd double %378, %371
  %380 = fsub double %379, %378
  %381 = fsub double %371, %380
  %382 = fsub double %379, %380
  %383 = fsub double %378, %382
  %384 = fadd double %381, %383
  %385 = fsub double %371, %367
  %386 = fsub double %370, %385
  %387 = fneg double %366
  %388 = call double @llvm.fma.f64(double %387, double %364, double %363)
  %389 = fadd double %364, -2.000000e+00
  %390 = fsub double %363, %389
  %391 = fmul double %366, %390
  %392 = fsub double %388, %391
  %393 = fmul double %365, %392
  %394 = fadd double %393, %393
  %395 = fmul double %368, %369
  %396 = fmul double %368, %368
  %397 = call double @llvm.fmuladd.f64(double %368, double 0x3FC0FD95799E7E2D, double 0x3FC3B1B12551ADBB)
  %398 = call double @llvm.fmuladd.f64(double %396, double 0x3FC0B0A11C184235, double %397)
  %399 = fmul double %396, %396
  %400 = call double @llvm.fmuladd.f64(double %368, double 0x3FC745CFF38ABF57, double 0x3FCC71C71EFAD569)
  %401 = call double @llvm.fmuladd.f64(double %368, double 0x3FD249249248315A, double 0x3FD99999999999CD)
  %402 = call double @llvm.fmuladd.f64(double %400, double %396, double %401)
  %403 = call double @llvm.fmuladd.f64(double %398, double %399, double %402)
  %404 = fneg double %370
  %405 = call double @llvm.fma.f64(double %369, double 0x3FE5555555555555, double %404)
  %406 = fneg double %369
  %407 = call double @llvm.fma.f64(double %366, double %368, double %406)
  %408 = fneg double %368
  %409 = call double @llvm.fma.f64(double %366, double %366, double %408)
  %410 = call double @llvm.fmuladd.f64(double %367, double %393, double %409)
  %411 = fmul double %368, %393
  %412 = call double @llvm.fmuladd.f64(double %366, double %410, double %411)
  %413 = fadd double %407, %412
  %414 = fmul double %413, 0x3FE5555555555555
  %415 = call double @llvm.fmuladd.f64(double %369, double 0x3C85555555555555, double %414)
  %416 = fadd double %405, %415
  %417 = call double @llvm.fmuladd.f64(double %395, double %403, double %416)
  %418 = fadd double %394, %417
  %419 = fadd double %386, %418
  %420 = call double @llvm.fmuladd.f64(double %377, double 0x3D2EF35793C76730, double %419)
  %421 = fadd double %384, %420
  %422 = fadd double %379, %421
  %423 = fsub double %422, %379
  %424 = fsub double %421, %423
  %425 = fmul double %4, %344
  %426 = fsub double %425, %422
  %427 = fsub double %426, %425
  %428 = fsub double %426, %427
  %429 = fsub double %425, %428
  %430 = fneg double %422
  %431 = fsub double %430, %427
  %432 = fadd double %431, %429
  %433 = fneg double %425
  %434 = call double @llvm.fma.f64(double %344, double %4, double %433)
  %435 = call double @llvm.fmuladd.f64(double %350, double %4, double %434)
  %436 = fdiv double %141, %140
  %437 = fadd double %436, %424
  %438 = fsub double %435, %437
  %439 = fadd double %438, %432
  %440 = fadd double %426, %439
  %441 = call double @llvm.fabs.f64(double %440)
  %442 = fcmp olt double %441, 0x3F20000000000000
  br i1 %442, label %160, label %443
443:
  %444 = phi double [ 0x7FF0000000000000, %1 ], [ %315, %214 ], [ %440, %352 ], [ %213, %168 ], [ %440, %160 ], [ 0.000000e+00, %328 ]
  ret double %444
}

@fgrad.lgamma_negative.f64.constant0 = private unnamed_addr constant [1664 x i8] c"l\F8\00\96\FC\A7\03\C0\D0\F8\8A\F9d_\85\BC_S\AFf\E9?\F8?\A4\A66\9A\90u\87\BC]\F5\02\B0\EBn\13@Xx\8A\05\A6\94\F6?[\9E\A0|\8Dq!@d'K\E0\9F3\17@\01\D9\1B\0AA\FB\05\C0\85o.m\A9\19\9A<\8C\B1\04\A9-\A1\FE\BF\CF\B2\99\0F\13 \92\BCRZ&<\7F&#@\F2\8B\0C\C3Z\184\C0\9B\F1\C9\CCJPO@\AC~ X\84Xh\C0\AFY\9E\BC\0D&\09\C0\B3\A75\D3|q\AF\BCU\AC/_\A6 \1F@\84\BE\B0\E4X\D2\A1\BC\EFPq\97\D2\D49@[\\M\127\11\\@\0Ekw= g\82@\DD9\DA7c\9A\A9@\E5/|Tq\A4\0F\C07\12)aE\0Dw\BCGVl\96\9D\B94\C0\F3\FF\0AE\A2\CB\D9<\BE6\04\AE\DEvo@8/K\9D5%\AD\C0\A5\1A\14\9F\82\8F\EE@\D3&m\80\F7\161\C1\81\95YxN(\10\C0\FE<\E4\E9\C1x\AE<B\16\92\F4\\\CA:@\10\FE\D8\E0\A2F\CA<\8E?\81\CD\15Dt@|\9C*\1B\B1Y\B5@\DB\EB\1A\E2\18m\F9@@.s\B5\1E&@A\FD\EAnzW\F7\13\C0\CF\12\7F\AB^\DE\A5<\1F\E4\F9>J\22]\C0\BC\BA\13*'\BE\F9\BCV9\8Ag<S\BB@4]\E6\FE\F7\D3 \C1&'\AC\F5\A6R\87A\F7\D3;\16]=\F1\C1\D9\B6\F0Wj\08\14\C0\CA\A9,\B7bR\89\BC\02\AE)\08.\D7^@s\A4\AEY\18\DC\DF\BC\9B/\C2.\C3\EC\BC@dr?V\D8S\22Acn\DA\F2]\22\8AAq&vs\17\E0\F3A\0D\F4\91\F5\92\FE\17\C02\BD,\D6N\DD\B7\BC\12^:\A4\F6a\86\C0\E6\C0;\B87\C4 \BDo\F2\94\B7\DCy\0FA\FE\9F\A1\88\80n\9D\C1\97\FC\DB\08\D3\F5.B\9ER\AB\B0\A6^\C1\C2\8D|\89%k\01\18\C0r\BA\A4I\0F~\92<\AA\F2:\9E\E4\9D\86@3;\94\90\B6T\09=\10\FDLH#\CE\0FA@|\C3\A3\03\E5\9DA\BB\8AUR{\9C/BjA\14\07\D5\D3\C1B\F0\86k\F7\CB\FF\1B\C0\06\B8G\93\B2Sh<\1B\A9\CE\A5\F7\AB\B3\C0\11\05\BD\8A{%X\BD-BP%\9A4hA(\84\C9\AD\1D\D9#\C293oc=O\E2B\924\1B\DF'\04\A2\C3\1F\FE\ED\FD3\00\1C\C0xF2\D2\B7\0B\B2<\D1{8\AA\07\B4\B3@\EF\B1Cs\E5\A1M=\D6\BA\AF\DA\85>hA&\C2\E3\B5R\E5#B[\90^\A4B^\E2B\EEC\07V\A3\16\A2C\CFY\81\7F\F9\FF\1F\C0\86\15\A9\15\F4T\8E\BC\AB/L\FEv\AF\E3\C0\A5\96\B9\F0\92\CCw\BD#\F1\AAl\E78\C8A&e%\B3h\DE\B3\C2q\0CSR\C0U\A2Cj\12\18\84*\0C\92\C4\F9\B3(@\03\00 \C0\ED\1C\EC<\CB`\BF\BC\18w\D6\FE\88\B0\E3@1\9A\A2;a\05\85\BD\DC\0EU\938:\C8A\A4\AD\B8\8D\07\E0\B3BQBF\C9\BEW\A2CGZu\A0\9E\0E\92D\D0K\88\A3\FF\FF!\C0%\E9*\9D\0C\F9\AF\BC/\DBc\FC\ED%\16\C1g\94\D6>\FC\A7\AD=z\0AHP\C1\A8.B\C1U\BC\E40KL\C3\03\BF\DBh\E4_mD\ECM\C2\1B\D2C\90\C5\FBhw\\\00\00\22\C0\D4p\FB\0Fa[\9B\BC@\94\91\03\12&\16A\81\DA,'\E8\D5\97=\86\F5\B7/\F3\A8.B\BA\E2h\EEuKLC\A5\FA\1F\FAC`mD\F4\B7\1DA\14D\90E\C0\D7\C0\F6\FF\FF#\C0}-\C4\A8\CE\97\C1<]y\F3\A5}\AFK\C1\22\81\8CQyj\E1\BD\D2\A0\1Fy\E8\F3\97Bc\AA\CA\EF\8B\A1\EB\C3\0C\DCeG\E1\EDAEPPZ\AB\A9\D1\98\C6w'?\09\00\00$\C0T\E1\95]\B4'\B9\BC\B2c\0CZ\82\AFKA\F2e\01\F1#\03\C2\BD._\E0\8A\EC\F3\97B\C8\A5b\FA\92\A1\EBC\B01\F4^\E7\EDAE\0F\E2\EC5\B4\D1\98F\D4\CD(\FF\FF\FF%\C0\86\A4Z\A6$\99\AC<|\DB\EA\D8\A7\08\83\C1wy\87\09\A6\95\0A>\D2\BFe\80\93\A4\06C\C5\80id\1F\F5\91\C4G\E0\17;\99\05 F\0C\10\CF\DC\E7~\AE\C7*2\D7\00\00\00&\C0R\FF7-\CB\AE\C8\BCP$\15'\A8\08\83A\9E\FD+7;#!\BE.@b\DD\93\A4\06C\CD\A7\07\D3\1F\F5\91D1\87\AF\BE\99\05 F\90\9F\E5\15\E9~\AEG'\11\EE\FF\FF\FF'\C0\F50k\90\F7\E1\9C\BC\C8\B0\F2\FA\FB\8C\BC\C1\8D\C7\C6\18@\E9G>\AC\98> &yyC\ACm\BCN\A5M>\C5\A4\14\E3:\16G\04Ge\96b\9Ev\F2\CC\C8\D9\EE\11\00\00\00(\C0^\FB\E1\07S\9D\A1<8O\0D\05\FC\8C\BCA\AC\E7\D4&\07\EFW\BETgB)&yyC\9F\86\D2^\A5M>E\D4I=I\16G\04G\D7\EA\FE\B7v\F2\CCH\DC\9E\FE\FF\FF\FF)\C0\1C\00-4@O\C8<\E5\B4\AC\BF\8C2\F7\C1u7\91]\87\AE~\BE\F1\B2\06.\FA\D0\F0C\B2S\C4\BE\05A\F0\C5\E4\F2\01\D4\9D\AC\F1G\A3\C5\9F\06\FB\7F\F4\C9$a\01\00\00\00*\C0\DD\E8\1E4\03N\C8\BC\1BKS\C0\8C2\F7A\BF\12,\A5\C3c\7F\BE\0Fv\7F.\FA\D0\F0C\B6is\BF\05A\F0E\B2\CB\FF\D4\9D\AC\F1GI\CF\0F\08\FB\7F\F4I\C7\E6\FF\FF\FF\FF+\C0\FB\E0\DA\F30*\CD<\BC\A6\FA';L4\C2+\0B\16\0B,\97\A1\BES\EE\CF\16\FF\BFiD\BA\BB\05\B3\1E\C7\A5\C61\AA\B6\88~\B8\E4H0xn\E6x\07%\CB9\19\00\00\00\00,\C0c\AFsJ/*\CD\BCDY\05(;L4B\E5\8A\AF0\D4\98\A1\BEu\80\DD\16\FF\BFiD\0C\F3\16\B3\1E\C7\A5F^\81\CC\88~\B8\E4H8-\8A\E6x\07%KR\FE\FF\FF\FF\FF-\C0~\86\D8\CF\9C\CF\CF<J\A8\7Fuw\07s\C2\CD\B14\A5Xe\18?\DDN\123\BF\A1\E6D\10%\A9\DB\C1\F1a\C7\A6~\A1v\98\01\E0I\D5\11\95\01bu^\CC", align 8

@fgrad.lgamma_negative.f64.constant1 = private unnamed_addr constant [40 x i8] c"\CE\93 \07\E6\0E\DB?\A6\0F\A6\C4L\A3\D4?\07vU\1A\00>\B1\BF\83\84}\AC\22\13\95?\F2\F5\18\C2O@~\BF", align 8

@fgrad.lgamma_negative.f64.constant2 = private unnamed_addr constant [40 x i8] c"\AB\BF\1Fp\90\CBV<\0C \12\89=\87q<\1F\82\F8\E2\8B\B6_<)\B7\8C\08\89\FC:<4\EB\F1|bJ\1E<", align 8

define linkonce_odr float @fgrad.log.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt float %0, 0x3810000000000000
  %3 = fmul float %0, 0x4180000000000000
  %4 = select i1 %2, float %3, float %0
  %5 = bitcast float %4 to i32
  %6 = add i32 %5, 4913933
  %7 = lshr i32 %6, 23
  %8 = and i32 %6, -8388608
  %9 = add i32 %5, 1065353216
  %10 = sub i32 %9, %8
  %11 = bitcast i32 %10 to float
  %12 = or i32 %7, 1258291200
  %13 = bitcast i32 %12 to float
  %14 = fadd float %13, 0xC160000FE0000000
  %15 = fadd float %11, -1.000000e+00
  %16 = select i1 %2, float 2.500000e+01, float 0.000000e+00
  %17 = fsub float %14, %16
  %18 = fcmp oeq float %0, 0.000000e+00
  %19 = fcmp olt float %0, 0.000000e+00
  %20 = fcmp one float %0, 0x7FF0000000000000
  %21 = fadd float %15, 2.000000e+00
  %22 = fdiv float %15, %21
  %23 = fmul float %22, %22
  %24 = call float @llvm.fmuladd.f32(float %23, float 0x3FCE257D80000000, float 0x3FD243D9E0000000)
  %25 = fmul float %23, %23
  %26 = call float @llvm.fmuladd.f32(float %23, float 0x3FD999A640000000, float 0x3FE5555560000000)
  %27 = call float @llvm.fmuladd.f32(float %24, float %25, float %26)
  %28 = fmul float %15, 5.000000e-01
  %29 = fmul float %15, %28
  %30 = call float @llvm.fmuladd.f32(float %23, float %27, float %29)
  %31 = fmul float %22, %30
  %32 = call float @llvm.fmuladd.f32(float %17, float 0xBF2BD01060000000, float %31)
  %33 = fsub float %32, %29
  %34 = fadd float %15, %33
  %35 = call float @llvm.fmuladd.f32(float %17, float 0x3FE6300000000000, float %34)
  %36 = select i1 %20, float %35, float %0
  %37 = select i1 %19, float 0x7FF8000000000000, float %36
  %38 = select i1 %18, float 0xFFF0000000000000, float %37
  ret float %38
}

define linkonce_odr double @fgrad.log.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt double %0, 0x10000000000000
  %3 = fmul double %0, 0x4350000000000000
  %4 = select i1 %2, double %3, double %0
  %5 = bitcast double %4 to i64
  %6 = add i64 %5, 2638147582215219
  %7 = lshr i64 %6, 52
  %8 = and i64 %6, -4503599627370496
  %9 = add i64 %5, 4607182418800017408
  %10 = sub i64 %9, %8
  %11 = bitcast i64 %10 to double
  %12 = or i64 %7, 4841369599423283200
  %13 = bitcast i64 %12 to double
  %14 = fadd double %13, 0xC3300000000003FF
  %15 = fadd double %11, -1.000000e+00
  %16 = select i1 %2, double 5.400000e+01, double 0.000000e+00
  %17 = fsub double %14, %16
  %18 = fcmp oeq double %0, 0.000000e+00
  %19 = fcmp olt double %0, 0.000000e+00
  %20 = fcmp one double %0, 0x7FF0000000000000
  %21 = fadd double %15, 2.000000e+00
  %22 = fdiv double %15, %21
  %23 = fmul double %22, %22
  %24 = fmul double %23, %23
  %25 = call double @llvm.fmuladd.f64(double %23, double 0x3FC39B79F6A54269, double 0x3FC74655460D71F8)
  %26 = call double @llvm.fmuladd.f64(double %24, double 0x3FC2E36E829BFE76, double %25)
  %27 = fmul double %24, %24
  %28 = call double @llvm.fmuladd.f64(double %23, double 0x3FCC71C56ED6F79F, double 0x3FD2492493B36AA3)
  %29 = call double @llvm.fmuladd.f64(double %23, double 0x3FD9999999988A1A, double 0x3FE5555555555572)
  %30 = call double @llvm.fmuladd.f64(double %28, double %24, double %29)
  %31 = call double @llvm.fmuladd.f64(double %26, double %27, double %30)
  %32 = fmul double %15, 5.000000e-01
  %33 = fmul double %15, %32
  %34 = call double @llvm.fmuladd.f64(double %23, double %31, double %33)
  %35 = fmul double %22, %34
  %36 = call double @llvm.fmuladd.f64(double %17, double 0x3DEA39EF35793C76, double %35)
  %37 = fsub double %36, %33
  %38 = fadd double %15, %37
  %39 = call double @llvm.fmuladd.f64(double %17, double 0x3FE62E42FEE00000, double %38)
  %40 = select i1 %20, double %39, double %0
  %41 = select i1 %19, double 0x7FF8000000000000, double %40
  %42 = select i1 %18, double 0xFFF0000000000000, double %41
  ret double %42
}

define linkonce_odr float @fgrad.log10.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt float %0, 0x3810000000000000
  %3 = fmul float %0, 0x4180000000000000
  %4 = select i1 %2, float %3, float %0
  %5 = bitcast float %4 to i32
  %6 = add i32 %5, 4913933
  %7 = lshr i32 %6, 23
  %8 = and i32 %6, -8388608
  %9 = add i32 %5, 1065353216
  %10 = sub i32 %9, %8
  %11 = bitcast i32 %10 to float
  %12 = or i32 %7, 1258291200
  %13 = bitcast i32 %12 to float
  %14 = fadd float %13, 0xC160000FE0000000
  %15 = fadd float %11, -1.000000e+00
  %16 = select i1 %2, float 2.500000e+01, float 0.000000e+00
  %17 = fsub float %14, %16
  %18 = fcmp oeq float %0, 0.000000e+00
  %19 = fcmp olt float %0, 0.000000e+00
  %20 = fcmp one float %0, 0x7FF0000000000000
  %21 = fadd float %15, 2.000000e+00
  %22 = fdiv float %15, %21
  %23 = fmul float %22, %22
  %24 = call float @llvm.fmuladd.f32(float %23, float 0x3FCE257D80000000, float 0x3FD243D9E0000000)
  %25 = fmul float %23, %23
  %26 = call float @llvm.fmuladd.f32(float %23, float 0x3FD999A640000000, float 0x3FE5555560000000)
  %27 = call float @llvm.fmuladd.f32(float %24, float %25, float %26)
  %28 = fmul float %15, 5.000000e-01
  %29 = fmul float %15, %28
  %30 = call float @llvm.fmuladd.f32(float %23, float %27, float %29)
  %31 = fmul float %22, %30
  %32 = fsub float %31, %29
  %33 = fadd float %15, %32
  %34 = fmul float %33, 0x3FDBCB7B20000000
  %35 = call float @llvm.fmuladd.f32(float %17, float 0x3F304D4280000000, float %34)
  %36 = call float @llvm.fmuladd.f32(float %17, float 0x3FD3400000000000, float %35)
  %37 = select i1 %20, float %36, float %0
  %38 = select i1 %19, float 0x7FF8000000000000, float %37
  %39 = select i1 %18, float 0xFFF0000000000000, float %38
  ret float %39
}

define linkonce_odr double @fgrad.log10.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt double %0, 0x10000000000000
  %3 = fmul double %0, 0x4350000000000000
  %4 = select i1 %2, double %3, double %0
  %5 = bitcast double %4 to i64
  %6 = add i64 %5, 2638147582215219
  %7 = lshr i64 %6, 52
  %8 = and i64 %6, -4503599627370496
  %9 = add i64 %5, 4607182418800017408
  %10 = sub i64 %9, %8
  %11 = bitcast i64 %10 to double
  %12 = or i64 %7, 4841369599423283200
  %13 = bitcast i64 %12 to double
  %14 = fadd double %13, 0xC3300000000003FF
  %15 = fadd double %11, -1.000000e+00
  %16 = select i1 %2, double 5.400000e+01, double 0.000000e+00
  %17 = fsub double %14, %16
  %18 = fcmp oeq double %0, 0.000000e+00
  %19 = fcmp olt double %0, 0.000000e+00
  %20 = fcmp one double %0, 0x7FF0000000000000
  %21 = fadd double %15, 2.000000e+00
  %22 = fdiv double %15, %21
  %23 = fmul double %22, %22
  %24 = fmul double %23, %23
  %25 = call double @llvm.fmuladd.f64(double %23, double 0x3FC39B79F6A54269, double 0x3FC74655460D71F8)
  %26 = call double @llvm.fmuladd.f64(double %24, double 0x3FC2E36E829BFE76, double %25)
  %27 = fmul double %24, %24
  %28 = call double @llvm.fmuladd.f64(double %23, double 0x3FCC71C56ED6F79F, double 0x3FD2492493B36AA3)
  %29 = call double @llvm.fmuladd.f64(double %23, double 0x3FD9999999988A1A, double 0x3FE5555555555572)
  %30 = call double @llvm.fmuladd.f64(double %28, double %24, double %29)
  %31 = call double @llvm.fmuladd.f64(double %26, double %27, double %30)
  %32 = fmul double %15, 5.000000e-01
  %33 = fmul double %15, %32
  %34 = call double @llvm.fmuladd.f64(double %23, double %31, double %33)
  %35 = fmul double %22, %34
  %36 = fsub double %35, %33
  %37 = fadd double %15, %36
  %38 = fmul double %37, 0x3FDBCB7B1526E50E
  %39 = call double @llvm.fmuladd.f64(double %17, double 0x3DDF79FEF3200000, double %38)
  %40 = call double @llvm.fmuladd.f64(double %17, double 0x3FD3441350800000, double %39)
  %41 = select i1 %20, double %40, double %0
  %42 = select i1 %19, double 0x7FF8000000000000, double %41
  %43 = select i1 %18, double 0xFFF0000000000000, double %42
  ret double %43
}

define linkonce_odr float @fgrad.log1p.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fadd float %0, 1.000000e+00
  %3 = call float @llvm.fabs.f32(float %0)
  %4 = fcmp oeq float %2, 0.000000e+00
  %5 = fcmp olt float %2, 0.000000e+00
  %6 = fcmp one float %2, 0x7FF0000000000000
  %7 = bitcast float %2 to i32
  %8 = add i32 %7, 4913933
  %9 = lshr i32 %8, 23
  %10 = or i32 %9, 1258291200
  %11 = bitcast i32 %10 to float
  %12 = fadd float %11, 0xC160000FE0000000
  %13 = fadd float %2, -1.000000e+00
  %14 = fsub float %13, %2
  %15 = fadd float %14, 1.000000e+00
  %16 = fsub float %0, %13
  %17 = fadd float %16, %15
  %18 = and i32 %8, -8388608
  %19 = sub i32 2139095040, %18
  %20 = bitcast i32 %19 to float
  %21 = fmul float %17, %20
  %22 = add i32 %7, 1065353216
  %23 = sub i32 %22, %18
  %24 = bitcast i32 %23 to float
  %25 = fadd float %24, -1.000000e+00
  %26 = call float @llvm.fmuladd.f32(float %21, float 5.000000e-01, float %25)
  %27 = fmul float %26, 5.000000e-01
  %28 = fmul float %26, %27
  %29 = fadd float %26, 2.000000e+00
  %30 = fdiv float %26, %29
  %31 = fmul float %30, %30
  %32 = call float @llvm.fmuladd.f32(float %31, float 0x3FCE257D80000000, float 0x3FD243D9E0000000)
  %33 = fmul float %31, %31
  %34 = call float @llvm.fmuladd.f32(float %31, float 0x3FD999A640000000, float 0x3FE5555560000000)
  %35 = call float @llvm.fmuladd.f32(float %32, float %33, float %34)
  %36 = call float @llvm.fmuladd.f32(float %31, float %35, float %28)
  %37 = fmul float %30, %36
  %38 = call float @llvm.fmuladd.f32(float %12, float 0xBF2BD01060000000, float %37)
  %39 = fsub float %28, %38
  %40 = fsub float %26, %39
  %41 = call float @llvm.fmuladd.f32(float %12, float 0x3FE6300000000000, float %40)
  %42 = select i1 %6, float %41, float %2
  %43 = select i1 %5, float 0x7FF8000000000000, float %42
  %44 = select i1 %4, float 0xFFF0000000000000, float %43
  %45 = fcmp olt float %3, 0x3E60000000000000
  %46 = select i1 %45, float %0, float %44
  ret float %46
}

define linkonce_odr double @fgrad.log1p.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fadd double %0, 1.000000e+00
  %3 = call double @llvm.fabs.f64(double %0)
  %4 = fcmp oeq double %2, 0.000000e+00
  %5 = fcmp olt double %2, 0.000000e+00
  %6 = fcmp one double %2, 0x7FF0000000000000
  %7 = bitcast double %2 to i64
  %8 = add i64 %7, 2638147582215219
  %9 = lshr i64 %8, 52
  %10 = or i64 %9, 4841369599423283200
  %11 = bitcast i64 %10 to double
  %12 = fadd double %11, 0xC3300000000003FF
  %13 = fadd double %2, -1.000000e+00
  %14 = fsub double %13, %2
  %15 = fadd double %14, 1.000000e+00
  %16 = fsub double %0, %13
  %17 = fadd double %16, %15
  %18 = and i64 %8, -4503599627370496
  %19 = sub i64 9218868437227405312, %18
  %20 = bitcast i64 %19 to double
  %21 = fmul double %17, %20
  %22 = add i64 %7, 4607182418800017408
  %23 = sub i64 %22, %18
  %24 = bitcast i64 %23 to double
  %25 = fadd double %24, -1.000000e+00
  %26 = call double @llvm.fmuladd.f64(double %21, double 5.000000e-01, double %25)
  %27 = fmul double %26, 5.000000e-01
  %28 = fmul double %26, %27
  %29 = fadd double %26, 2.000000e+00
  %30 = fdiv double %26, %29
  %31 = fmul double %30, %30
  %32 = fmul double %31, %31
  %33 = call double @llvm.fmuladd.f64(double %31, double 0x3FC39B79F6A54269, double 0x3FC74655460D71F8)
  %34 = call double @llvm.fmuladd.f64(double %32, double 0x3FC2E36E829BFE76, double %33)
  %35 = fmul double %32, %32
  %36 = call double @llvm.fmuladd.f64(double %31, double 0x3FCC71C56ED6F79F, double 0x3FD2492493B36AA3)
  %37 = call double @llvm.fmuladd.f64(double %31, double 0x3FD9999999988A1A, double 0x3FE5555555555572)
  %38 = call double @llvm.fmuladd.f64(double %36, double %32, double %37)
  %39 = call double @llvm.fmuladd.f64(double %34, double %35, double %38)
  %40 = call double @llvm.fmuladd.f64(double %31, double %39, double %28)
  %41 = fmul double %30, %40
  %42 = call double @llvm.fmuladd.f64(double %12, double 0x3DEA39EF35793C76, double %41)
  %43 = fsub double %28, %42
  %44 = fsub double %26, %43
  %45 = call double @llvm.fmuladd.f64(double %12, double 0x3FE62E42FEE00000, double %44)
  %46 = select i1 %6, double %45, double %2
  %47 = select i1 %5, double 0x7FF8000000000000, double %46
  %48 = select i1 %4, double 0xFFF0000000000000, double %47
  %49 = fcmp olt double %3, 0x3C90000000000000
  %50 = select i1 %49, double %0, double %48
  ret double %50
}

define linkonce_odr float @fgrad.log2.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt float %0, 0x3810000000000000
  %3 = fmul float %0, 0x4180000000000000
  %4 = select i1 %2, float %3, float %0
  %5 = bitcast float %4 to i32
  %6 = add i32 %5, 4913933
  %7 = lshr i32 %6, 23
  %8 = and i32 %6, -8388608
  %9 = add i32 %5, 1065353216
  %10 = sub i32 %9, %8
  %11 = bitcast i32 %10 to float
  %12 = or i32 %7, 1258291200
  %13 = bitcast i32 %12 to float
  %14 = fadd float %13, 0xC160000FE0000000
  %15 = fadd float %11, -1.000000e+00
  %16 = select i1 %2, float 2.500000e+01, float 0.000000e+00
  %17 = fsub float %14, %16
  %18 = fcmp oeq float %0, 0.000000e+00
  %19 = fcmp olt float %0, 0.000000e+00
  %20 = fcmp one float %0, 0x7FF0000000000000
  %21 = fadd float %15, 2.000000e+00
  %22 = fdiv float %15, %21
  %23 = fmul float %22, %22
  %24 = call float @llvm.fmuladd.f32(float %23, float 0x3FCE257D80000000, float 0x3FD243D9E0000000)
  %25 = fmul float %23, %23
  %26 = call float @llvm.fmuladd.f32(float %23, float 0x3FD999A640000000, float 0x3FE5555560000000)
  %27 = call float @llvm.fmuladd.f32(float %24, float %25, float %26)
  %28 = fmul float %15, 5.000000e-01
  %29 = fmul float %15, %28
  %30 = call float @llvm.fmuladd.f32(float %23, float %27, float %29)
  %31 = fmul float %22, %30
  %32 = fsub float %31, %29
  %33 = fadd float %15, %32
  %34 = call float @llvm.fmuladd.f32(float %33, float 0x3E54AE0C00000000, float %17)
  %35 = call float @llvm.fmuladd.f32(float %33, float 0x3FF7154760000000, float %34)
  %36 = select i1 %20, float %35, float %0
  %37 = select i1 %19, float 0x7FF8000000000000, float %36
  %38 = select i1 %18, float 0xFFF0000000000000, float %37
  ret float %38
}

define linkonce_odr double @fgrad.log2.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = fcmp olt double %0, 0x10000000000000
  %3 = fmul double %0, 0x4350000000000000
  %4 = select i1 %2, double %3, double %0
  %5 = bitcast double %4 to i64
  %6 = add i64 %5, 2638147582215219
  %7 = lshr i64 %6, 52
  %8 = and i64 %6, -4503599627370496
  %9 = add i64 %5, 4607182418800017408
  %10 = sub i64 %9, %8
  %11 = bitcast i64 %10 to double
  %12 = or i64 %7, 4841369599423283200
  %13 = bitcast i64 %12 to double
  %14 = fadd double %13, 0xC3300000000003FF
  %15 = fadd double %11, -1.000000e+00
  %16 = select i1 %2, double 5.400000e+01, double 0.000000e+00
  %17 = fsub double %14, %16
  %18 = fcmp oeq double %0, 0.000000e+00
  %19 = fcmp olt double %0, 0.000000e+00
  %20 = fcmp one double %0, 0x7FF0000000000000
  %21 = fadd double %15, 2.000000e+00
  %22 = fdiv double %15, %21
  %23 = fmul double %22, %22
  %24 = fmul double %23, %23
  %25 = call double @llvm.fmuladd.f64(double %23, double 0x3FC39B79F6A54269, double 0x3FC74655460D71F8)
  %26 = call double @llvm.fmuladd.f64(double %24, double 0x3FC2E36E829BFE76, double %25)
  %27 = fmul double %24, %24
  %28 = call double @llvm.fmuladd.f64(double %23, double 0x3FCC71C56ED6F79F, double 0x3FD2492493B36AA3)
  %29 = call double @llvm.fmuladd.f64(double %23, double 0x3FD9999999988A1A, double 0x3FE5555555555572)
  %30 = call double @llvm.fmuladd.f64(double %28, double %24, double %29)
  %31 = call double @llvm.fmuladd.f64(double %26, double %27, double %30)
  %32 = fmul double %15, 5.000000e-01
  %33 = fmul double %15, %32
  %34 = call double @llvm.fmuladd.f64(double %23, double %31, double %33)
  %35 = fmul double %22, %34
  %36 = fsub double %35, %33
  %37 = fadd double %15, %36
  %38 = call double @llvm.fmuladd.f64(double %37, double 0x3C7777D0FFDA0D24, double %17)
  %39 = call double @llvm.fmuladd.f64(double %37, double 0x3FF71547652B82FE, double %38)
  %40 = select i1 %20, double %39, double %0
  %41 = select i1 %19, double 0x7FF8000000000000, double %40
  %42 = select i1 %18, double 0xFFF0000000000000, double %41
  ret double %42
}

define linkonce_odr float @fgrad.pow.f32(float %0, float %1) alwaysinline nounwind willreturn memory(none) {
  %3 = fpext float %0 to double
  %4 = fpext float %1 to double
  %5 = call double @llvm.fabs.f64(double %3)
  %6 = fcmp one double %5, 0x7FF0000000000000
  %7 = fcmp oeq float %0, 1.000000e+00
  %8 = fcmp oeq float %1, 0.000000e+00
  %9 = or i1 %7, %8
  %10 = fcmp uno float %0, %1
  %11 = fadd double %3, %4
  %12 = call double @llvm.floor.f64(double %4)
  %13 = fcmp oeq double %12, %4
  %14 = fmul double %4, 5.000000e-01
  %15 = call double @llvm.floor.f64(double %14)
  %16 = fcmp une double %15, %14
  %17 = and i1 %13, %16
  %18 = fcmp olt float %0, 0.000000e+00
  %19 = call double @llvm.fabs.f64(double %4)
  %20 = fcmp one double %19, 0x7FF0000000000000
  %21 = and i1 %18, %20
  %22 = xor i1 %13, true
  %23 = and i1 %21, %22
  %24 = and i1 %6, %23
  %25 = fcmp oeq double %5, 1.000000e+00
  %26 = fcmp oeq double %19, 0x7FF0000000000000
  %27 = and i1 %25, %26
  %28 = fcmp oeq float %0, 0.000000e+00
  %29 = fcmp oeq double %5, 0x7FF0000000000000
  %30 = or i1 %28, %29
  %31 = or i1 %30, %26
  %32 = fcmp ogt double %5, 1.000000e+00
  %33 = fcmp ule float %1, 0.000000e+00
  %34 = xor i1 %33, %32
  %35 = select i1 %34, double 0x7FF0000000000000, double 0.000000e+00
  %36 = fcmp one float %0, 0.000000e+00
  %37 = and i1 %36, %6
  %38 = bitcast double %5 to i64
  %39 = select i1 %37, i64 %38, i64 4607182418800017408
  %40 = add nuw i64 %39, 2638147582215219
  %41 = lshr i64 %40, 52
  %42 = or i64 %41, 4841369599423283200
  %43 = bitcast i64 %42 to double
  %44 = fadd double %43, 0xC3300000000003FF
  %45 = and i64 %40, -4503599627370496
  %46 = add nuw i64 %39, 4607182418800017408
  %47 = sub i64 %46, %45
  %48 = bitcast i64 %47 to double
  %49 = fadd double %48, -1.000000e+00
  %50 = fadd double %49, 2.000000e+00
  %51 = fdiv double %49, %50
  %52 = fmul double %51, %51
  %53 = fmul double %51, %52
  %54 = fmul double %52, %52
  %55 = call double @llvm.fmuladd.f64(double %52, double 0x3FC39B79F6A54269, double 0x3FC74655460D71F8)
  %56 = call double @llvm.fmuladd.f64(double %54, double 0x3FC2E36E829BFE76, double %55)
  %57 = fmul double %54, %54
  %58 = call double @llvm.fmuladd.f64(double %52, double 0x3FCC71C56ED6F79F, double 0x3FD2492493B36AA3)
  %59 = call double @llvm.fmuladd.f64(double %52, double 0x3FD9999999988A1A, double 0x3FE5555555555572)
  %60 = call double @llvm.fmuladd.f64(double %58, double %54, double %59)
  %61 = call double @llvm.fmuladd.f64(double %56, double %57, double %60)
  %62 = fadd double %51, %51
  %63 = call double @llvm.fmuladd.f64(double %53, double %61, double %62)
  %64 = call double @llvm.fmuladd.f64(double %44, double 0x3FE62E42FEFA39EF, double %63)
  %65 = fmul double %64, %4
  %66 = call double @llvm.maximum.f64(double %65, double -2.000000e+02)
  %67 = call double @llvm.minimum.f64(double %66, double 2.000000e+02)
  %68 = fcmp ord double %67, 0.000000e+00
  %69 = select i1 %68, double %67, double 0.000000e+00
  %70 = fcmp ogt double %69, 7.098000e+02
  %71 = select i1 %70, double 7.098000e+02, double %69
  %72 = fcmp olt double %71, -7.452000e+02
  %73 = select i1 %72, double -7.452000e+02, double %71
  %74 = call double @llvm.fmuladd.f64(double %73, double 0x3FF71547652B82FE, double 0x4338000000000000)
  %75 = fadd double %74, 0xC338000000000000
  %76 = call double @llvm.fmuladd.f64(double %75, double 0xBFE62E42FEE00000, double %73)
  %77 = call double @llvm.fmuladd.f64(double %75, double 0xBDEA39EF35793C76, double %76)
  %78 = fmul double %77, %77
  %79 = call double @llvm.fmuladd.f64(double %77, double 0x3E5AF7748C6F7FD5, double 0x3E928A345A6A1191)
  %80 = fmul double %78, %78
  %81 = fmul double %80, %80
  %82 = call double @llvm.fmuladd.f64(double %77, double 0x3EC71DDE9B029A65, double 0x3EFA019A5F77A634)
  %83 = call double @llvm.fmuladd.f64(double %77, double 0x3F2A01A01B5F7411, double 0x3F56C16C17F6181C)
  %84 = call double @llvm.fmuladd.f64(double %82, double %78, double %83)
  %85 = call double @llvm.fmuladd.f64(double %77, double 0x3F8111111110E691, double 0x3FA555555555206C)
  %86 = call double @llvm.fmuladd.f64(double %77, double 0x3FC555555555555C, double 0x3FE0000000000005)
  %87 = call double @llvm.fmuladd.f64(double %85, double %78, double %86)
  %88 = call double @llvm.fmuladd.f64(double %84, double %80, double %87)
  %89 = call double @llvm.fmuladd.f64(double %79, double %81, double %88)
  %90 = call double @llvm.fmuladd.f64(double %78, double %89, double %77)
  %91 = fadd double %90, 1.000000e+00
  %92 = bitcast double %74 to i64
  %93 = add i64 %92, -4843621399236960264
  %94 = lshr i64 %93, 1
  %95 = shl i64 %94, 52
  %96 = add i64 %95, 4625196817309499392
  %97 = bitcast i64 %96 to double
  %98 = fmul double %91, %97
  %99 = sub i64 %93, %94
  %100 = shl i64 %99, 52
  %101 = add i64 %100, 4625196817309499392
  %102 = bitcast i64 %101 to double
  %103 = fmul double %98, %102
  %104 = select i1 %31, double %35, double %103
  %105 = select i1 %27, double 1.000000e+00, double %104
  %106 = select i1 %24, double 0x7FF8000000000000, double %105
  %107 = call double @llvm.copysign.f64(double %106, double %3)
  %108 = select i1 %17, double %107, double %106
  %109 = select i1 %10, double %11, double %108
  %110 = fptrunc double %109 to float
  %111 = select i1 %9, float 1.000000e+00, float %110
  ret float %111
}

define linkonce_odr double @fgrad.pow.f64(double %0, double %1) alwaysinline nounwind willreturn memory(none) {
  %3 = call double @llvm.fabs.f64(double %0)
  %4 = fcmp one double %0, 0.000000e+00
  %5 = fcmp one double %3, 0x7FF0000000000000
  %6 = and i1 %4, %5
  %7 = select i1 %6, double %3, double 1.000000e+00
  %8 = fcmp olt double %7, 0x10000000000000
  %9 = fmul double %7, 0x4350000000000000
  %10 = select i1 %8, double %9, double %7
  %11 = bitcast double %10 to i64
  %12 = add nuw i64 %11, 2638147582215219
  %13 = lshr i64 %12, 52
  %14 = and i64 %12, -4503599627370496
  %15 = add nuw i64 %11, 4607182418800017408
  %16 = sub i64 %15, %14
  %17 = bitcast i64 %16 to double
  %18 = or i64 %13, 4841369599423283200
  %19 = bitcast i64 %18 to double
  %20 = fadd double %19, 0xC3300000000003FF
  %21 = fadd double %17, -1.000000e+00
  %22 = select i1 %8, double 5.400000e+01, double 0.000000e+00
  %23 = fsub double %20, %22
  %24 = fadd double %21, 2.000000e+00
  %25 = fadd double %24, -2.000000e+00
  %26 = fsub double %21, %25
  %27 = fdiv double 1.000000e+00, %24
  %28 = fmul double %21, %27
  %29 = fneg double %28
  %30 = call double @llvm.fma.f64(double %29, double %24, double %21)
  %31 = fmul double %28, %26
  %32 = fsub double %30, %31
  %33 = fmul double %27, %32
  %34 = fmul double %28, %28
  %35 = fneg double %34
  %36 = call double @llvm.fma.f64(double %28, double %28, double %35)
  %37 = fadd double %28, %28
  %38 = call double @llvm.fmuladd.f64(double %37, double %33, double %36)
  %39 = fmul double %28, %34
  %40 = fneg double %39
  %41 = call double @llvm.fma.f64(double %28, double %34, double %40)
  %42 = fmul double %34, %33
  %43 = call double @llvm.fmuladd.f64(double %28, double %38, double %42)
  %44 = fadd double %41, %43
  %45 = fmul double %39, 0x3FE5555555555555
  %46 = fneg double %45
  %47 = call double @llvm.fma.f64(double %39, double 0x3FE5555555555555, double %46)
  %48 = fmul double %44, 0x3FE5555555555555
  %49 = call double @llvm.fmuladd.f64(double %39, double 0x3C85555555555555, double %48)
  %50 = fadd double %47, %49
  %51 = fmul double %34, %39
  %52 = call double @llvm.fmuladd.f64(double %34, double 0x3FD249249248315A, double 0x3FD99999999999CD)
  %53 = call double @llvm.fmuladd.f64(double %34, double 0x3FC745CFF38ABF57, double 0x3FCC71C71EFAD569)
  %54 = call double @llvm.fmuladd.f64(double %34, double 0x3FC0FD95799E7E2D, double 0x3FC3B1B12551ADBB)
  %55 = fmul double %34, %34
  %56 = call double @llvm.fmuladd.f64(double %53, double %55, double %52)
  %57 = call double @llvm.fmuladd.f64(double %55, double 0x3FC0B0A11C184235, double %54)
  %58 = fmul double %55, %55
  %59 = call double @llvm.fmuladd.f64(double %57, double %58, double %56)
  %60 = call double @llvm.fmuladd.f64(double %51, double %59, double %50)
  %61 = fadd double %37, %45
  %62 = fsub double %61, %37
  %63 = fsub double %45, %62
  %64 = fadd double %33, %33
  %65 = fadd double %64, %60
  %66 = fadd double %63, %65
  %67 = fmul double %23, 0x3FE62E42FEFA3800
  %68 = fadd double %67, %61
  %69 = fsub double %68, %67
  %70 = fsub double %68, %69
  %71 = fsub double %67, %70
  %72 = fsub double %61, %69
  %73 = fadd double %72, %71
  %74 = call double @llvm.fmuladd.f64(double %23, double 0x3D2EF35793C76730, double %66)
  %75 = fadd double %73, %74
  %76 = fadd double %68, %75
  %77 = fsub double %76, %68
  %78 = fsub double %75, %77
  %79 = call double @llvm.maximum.f64(double %1, double -1.000000e+300)
  %80 = call double @llvm.minimum.f64(double %79, double 1.000000e+300)
  %81 = fmul double %80, %76
  %82 = fneg double %81
  %83 = call double @llvm.fma.f64(double %76, double %80, double %82)
  %84 = call double @llvm.fmuladd.f64(double %78, double %80, double %83)
  %85 = call double @llvm.fabs.f64(double %81)
  %86 = fcmp olt double %85, 8.000000e+02
  %87 = call double @llvm.copysign.f64(double 8.000000e+02, double %81)
  %88 = select i1 %86, double %81, double %87
  %89 = select i1 %86, double %84, double 0.000000e+00
  %90 = fcmp ogt double %88, 0x40862F3333333333
  %91 = select i1 %90, double 0x40862F3333333333, double %88
  %92 = fcmp olt double %91, -7.455000e+02
  %93 = select i1 %92, double -7.455000e+02, double %91
  %94 = call double @llvm.fmuladd.f64(double %93, double 0x3FF71547652B82FE, double 0x4338000000000000)
  %95 = fcmp oeq double %0, 1.000000e+00
  %96 = fcmp oeq double %1, 0.000000e+00
  %97 = or i1 %95, %96
  %98 = fcmp uno double %0, %1
  %99 = fadd double %0, %1
  %100 = call double @llvm.floor.f64(double %1)
  %101 = fcmp oeq double %100, %1
  %102 = fmul double %1, 5.000000e-01
  %103 = call double @llvm.floor.f64(double %102)
  %104 = fcmp une double %103, %102
  %105 = and i1 %101, %104
  %106 = fcmp olt double %0, 0.000000e+00
  %107 = call double @llvm.fabs.f64(double %1)
  %108 = fcmp one double %107, 0x7FF0000000000000
  %109 = and i1 %106, %108
  %110 = xor i1 %101, true
  %111 = and i1 %109, %110
  %112 = and i1 %5, %111
  %113 = fcmp oeq double %3, 1.000000e+00
  %114 = fcmp oeq double %107, 0x7FF0000000000000
  %115 = and i1 %113, %114
  %116 = call i1 @llvm.is.fpclass.f64(double %0, i32 612)
  %117 = or i1 %116, %114
  %118 = fcmp ogt double %3, 1.000000e+00
  %119 = fcmp ule double %1, 0.000000e+00
  %120 = xor i1 %118, %119
  %121 = select i1 %120, double 0x7FF0000000000000, double 0.000000e+00
  %122 = fadd double %94, 0xC338000000000000
  %123 = call double @llvm.fmuladd.f64(double %122, double 0xBFE62E42FEE00000, double %93)
  %124 = call double @llvm.fmuladd.f64(double %122, double 0xBDEA39EF35793C76, double %123)
  %125 = fmul double %124, %124
  %126 = call double @llvm.fmuladd.f64(double %124, double 0x3E5AF7748C6F7FD5, double 0x3E928A345A6A1191)
  %127 = fmul double %125, %125
  %128 = fmul double %127, %127
  %129 = call double @llvm.fmuladd.f64(double %124, double 0x3EC71DDE9B029A65, double 0x3EFA019A5F77A634)
  %130 = call double @llvm.fmuladd.f64(double %124, double 0x3F2A01A01B5F7411, double 0x3F56C16C17F6181C)
  %131 = call double @llvm.fmuladd.f64(double %129, double %125, double %130)
  %132 = call double @llvm.fmuladd.f64(double %124, double 0x3F8111111110E691, double 0x3FA555555555206C)
  %133 = call double @llvm.fmuladd.f64(double %124, double 0x3FC555555555555C, double 0x3FE0000000000005)
  %134 = call double @llvm.fmuladd.f64(double %132, double %125, double %133)
  %135 = call double @llvm.fmuladd.f64(double %131, double %127, double %134)
  %136 = call double @llvm.fmuladd.f64(double %126, double %128, double %135)
  %137 = call double @llvm.fmuladd.f64(double %125, double %136, double %124)
  %138 = call double @llvm.fmuladd.f64(double %137, double %89, double %89)
  %139 = fadd double %137, %138
  %140 = fadd double %139, 1.000000e+00
  %141 = bitcast double %94 to i64
  %142 = add i64 %141, -4843621399236960264
  %143 = lshr i64 %142, 1
  %144 = shl i64 %143, 52
  %145 = add i64 %144, 4625196817309499392
  %146 = bitcast i64 %145 to double
  %147 = fmul double %140, %146
  %148 = sub i64 %142, %143
  %149 = shl i64 %148, 52
  %150 = add i64 %149, 4625196817309499392
  %151 = bitcast i64 %150 to double
  %152 = fmul double %147, %151
  %153 = select i1 %117, double %121, double %152
  %154 = select i1 %115, double 1.000000e+00, double %153
  %155 = select i1 %112, double 0x7FF8000000000000, double %154
  %156 = call double @llvm.copysign.f64(double %155, double %0)
  %157 = select i1 %105, double %156, double %155
  %158 = select i1 %98, double %99, double %157
  %159 = select i1 %97, double 1.000000e+00, double %158
  ret double %159
}

define linkonce_odr float @fgrad.sigmoid.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fneg float %2
  %4 = fcmp ogt float %3, 8.900000e+01
  %5 = select i1 %4, float 8.900000e+01, float %3
  %6 = fcmp olt float %5, -1.040000e+02
  %7 = select i1 %6, float -1.040000e+02, float %5
  %8 = call float @llvm.fmuladd.f32(float %7, float 0x3FF7154760000000, float 0x4168000000000000)
  %9 = fadd float %8, 0xC168000000000000
  %10 = call float @llvm.fmuladd.f32(float %9, float 0xBFE6300000000000, float %7)
  %11 = call float @llvm.fmuladd.f32(float %9, float 0x3F2BD01060000000, float %10)
  %12 = fmul float %11, %11
  %13 = call float @llvm.fmuladd.f32(float %11, float 0x3F2A1A27E0000000, float 0x3F56D75980000000)
  %14 = fmul float %12, %12
  %15 = call float @llvm.fmuladd.f32(float %11, float 0x3F811108E0000000, float 0x3FA5554AC0000000)
  %16 = call float @llvm.fmuladd.f32(float %11, float 0x3FC5555560000000, float 5.000000e-01)
  %17 = call float @llvm.fmuladd.f32(float %15, float %12, float %16)
  %18 = call float @llvm.fmuladd.f32(float %13, float %14, float %17)
  %19 = call float @llvm.fmuladd.f32(float %12, float %18, float %11)
  %20 = fadd float %19, 1.000000e+00
  %21 = bitcast float %8 to i32
  %22 = add i32 %21, -1262484488
  %23 = lshr i32 %22, 1
  %24 = shl i32 %23, 23
  %25 = add i32 %24, 1098907648
  %26 = bitcast i32 %25 to float
  %27 = fmul float %20, %26
  %28 = sub i32 %22, %23
  %29 = shl i32 %28, 23
  %30 = add i32 %29, 1098907648
  %31 = bitcast i32 %30 to float
  %32 = fmul float %27, %31
  %33 = fcmp olt float %0, 0.000000e+00
  %34 = select i1 %33, float %32, float 1.000000e+00
  %35 = fadd float %32, 1.000000e+00
  %36 = fdiv float %34, %35
  ret float %36
}

define linkonce_odr double @fgrad.sigmoid.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fneg double %2
  %4 = fcmp ogt double %3, 7.098000e+02
  %5 = select i1 %4, double 7.098000e+02, double %3
  %6 = fcmp olt double %5, -7.452000e+02
  %7 = select i1 %6, double -7.452000e+02, double %5
  %8 = call double @llvm.fmuladd.f64(double %7, double 0x3FF71547652B82FE, double 0x4338000000000000)
  %9 = fadd double %8, 0xC338000000000000
  %10 = call double @llvm.fmuladd.f64(double %9, double 0xBFE62E42FEE00000, double %7)
  %11 = call double @llvm.fmuladd.f64(double %9, double 0xBDEA39EF35793C76, double %10)
  %12 = fmul double %11, %11
  %13 = call double @llvm.fmuladd.f64(double %11, double 0x3E5AF7748C6F7FD5, double 0x3E928A345A6A1191)
  %14 = fmul double %12, %12
  %15 = fmul double %14, %14
  %16 = call double @llvm.fmuladd.f64(double %11, double 0x3EC71DDE9B029A65, double 0x3EFA019A5F77A634)
  %17 = call double @llvm.fmuladd.f64(double %11, double 0x3F2A01A01B5F7411, double 0x3F56C16C17F6181C)
  %18 = call double @llvm.fmuladd.f64(double %16, double %12, double %17)
  %19 = call double @llvm.fmuladd.f64(double %11, double 0x3F8111111110E691, double 0x3FA555555555206C)
  %20 = call double @llvm.fmuladd.f64(double %11, double 0x3FC555555555555C, double 0x3FE0000000000005)
  %21 = call double @llvm.fmuladd.f64(double %19, double %12, double %20)
  %22 = call double @llvm.fmuladd.f64(double %18, double %14, double %21)
  %23 = call double @llvm.fmuladd.f64(double %13, double %15, double %22)
  %24 = call double @llvm.fmuladd.f64(double %12, double %23, double %11)
  %25 = fadd double %24, 1.000000e+00
  %26 = bitcast double %8 to i64
  %27 = add i64 %26, -4843621399236960264
  %28 = lshr i64 %27, 1
  %29 = shl i64 %28, 52
  %30 = add i64 %29, 4625196817309499392
  %31 = bitcast i64 %30 to double
  %32 = fmul double %25, %31
  %33 = sub i64 %27, %28
  %34 = shl i64 %33, 52
  %35 = add i64 %34, 4625196817309499392
  %36 = bitcast i64 %35 to double
  %37 = fmul double %32, %36
  %38 = fcmp olt double %0, 0.000000e+00
  %39 = select i1 %38, double %37, double 1.000000e+00
  %40 = fadd double %37, 1.000000e+00
  %41 = fdiv double %39, %40
  ret double %41
}

define linkonce_odr float @fgrad.sin.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fmuladd.f32(float %0, float 0x3FE45F3060000000, float 0x4168000000000000)
  %3 = bitcast float %2 to i32
  %4 = shl i32 %3, 30
  %5 = and i32 %4, -2147483648
  %6 = and i32 %3, 1
  %7 = icmp eq i32 %6, 0
  %8 = fadd float %2, 0xC168000000000000
  %9 = call float @llvm.fma.f32(float %8, float 0xBFF921FB60000000, float %0)
  %10 = fmul float %8, 0x3E6777A5C0000000
  %11 = fadd float %9, %10
  %12 = fmul float %11, %11
  %13 = fmul float %11, %12
  %14 = fmul float %12, %12
  %15 = call float @llvm.fmuladd.f32(float %12, float 0x3F81106EE0000000, float 0xBFC5555440000000)
  %16 = call float @llvm.fmuladd.f32(float %14, float 0xBF29926B20000000, float %15)
  %17 = fsub float %11, %9
  %18 = fsub float %10, %17
  %19 = fneg float %10
  %20 = call float @llvm.fma.f32(float %8, float 0x3E6777A5C0000000, float %19)
  %21 = fadd float %20, %18
  %22 = call float @llvm.fmuladd.f32(float %8, float 0x3CDEE59DA0000000, float %21)
  %23 = call float @llvm.fmuladd.f32(float %12, float -5.000000e-01, float 1.000000e+00)
  %24 = fmul float %23, %22
  %25 = call float @llvm.fmuladd.f32(float %13, float %16, float %24)
  %26 = fadd float %11, %25
  %27 = fsub float 1.000000e+00, %23
  %28 = call float @llvm.fmuladd.f32(float %12, float -5.000000e-01, float %27)
  %29 = call float @llvm.fmuladd.f32(float %12, float 0xBF56C0EA20000000, float 0x3FA55554E0000000)
  %30 = call float @llvm.fmuladd.f32(float %14, float 0x3EF9A88A60000000, float %29)
  %31 = fneg float %22
  %32 = fmul float %11, %31
  %33 = call float @llvm.fmuladd.f32(float %14, float %30, float %32)
  %34 = fadd float %28, %33
  %35 = fadd float %23, %34
  %36 = select i1 %7, float %26, float %35
  %37 = bitcast float %36 to i32
  %38 = xor i32 %5, %37
  %39 = bitcast i32 %38 to float
  %40 = call float @llvm.fabs.f32(float %0)
  %41 = fcmp ogt float %40, 1.310720e+05
  %42 = call float @fgrad.sin.f32.huge(float %0) "vector-function-abi-variant"="_ZGV_LLVM_N4v_fgrad.sin.f32.huge(fgrad.sin.f32.huge.x4),_ZGV_LLVM_N8v_fgrad.sin.f32.huge(fgrad.sin.f32.huge.x8),_ZGV_LLVM_N16v_fgrad.sin.f32.huge(fgrad.sin.f32.huge.x16)"
  %43 = select i1 %41, float %42, float %39
  %44 = fcmp one float %40, 0x7FF0000000000000
  %45 = select i1 %44, float %43, float 0x7FF8000000000000
  %46 = fcmp olt float %40, 0x3E60000000000000
  %47 = select i1 %46, float %0, float %45
  ret float %47
}

define linkonce_odr float @fgrad.sin.f32.huge(float %0) noinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fcmp ogt float %2, 1.310720e+05
  %likely.3 = call i1 @llvm.expect.i1(i1 %3, i1 false)
  br i1 %likely.3, label %4, label %11
4:
  %5 = fpext float %0 to double
  %6 = call double @llvm.copysign.f64(double 1.000000e+00, double %5)
  %7 = call double @llvm.fabs.f64(double %5)
  %8 = call double @fgrad.huge.f64(double %7, i64 0)
  %9 = fmul double %6, %8
  %10 = fptrunc double %9 to float
  br label %11
11:
  %12 = phi float [ %10, %4 ], [ 0.000000e+00, %1 ]
  ret float %12
}

define linkonce_odr <16 x float> @fgrad.sin.f32.huge.x16(<16 x float> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <16 x float> @llvm.fabs.v16f32(<16 x float> %0)
  %3 = fcmp ogt <16 x float> %2, <float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05>
  %4 = bitcast <16 x i1> %3 to i16
  %5 = icmp eq i16 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <16 x float> @fgrad.sin.f32.huge.x16.lanes(<16 x float> %0)
  br label %8
8:
  %9 = phi <16 x float> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <16 x float> %9
}

define linkonce_odr <16 x float> @fgrad.sin.f32.huge.x16.lanes(<16 x float> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <16 x float> %0, i64 0
  %3 = call float @fgrad.sin.f32.huge(float %2)
  %4 = insertelement <16 x float> %0, float %3, i64 0
  %5 = extractelement <16 x float> %0, i64 1
  %6 = call float @fgrad.sin.f32.huge(float %5)
  %7 = insertelement <16 x float> %4, float %6, i64 1
  %8 = extractelement <16 x float> %0, i64 2
  %9 = call float @fgrad.sin.f32.huge(float %8)
  %10 = insertelement <16 x float> %7, float %9, i64 2
  %11 = extractelement <16 x float> %0, i64 3
  %12 = call float @fgrad.sin.f32.huge(float %11)
  %13 = insertelement <16 x float> %10, float %12, i64 3
  %14 = extractelement <16 x float> %0, i64 4
  %15 = call float @fgrad.sin.f32.huge(float %14)
  %16 = insertelement <16 x float> %13, float %15, i64 4
  %17 = extractelement <16 x float> %0, i64 5
  %18 = call float @fgrad.sin.f32.huge(float %17)
  %19 = insertelement <16 x float> %16, float %18, i64 5
  %20 = extractelement <16 x float> %0, i64 6
  %21 = call float @fgrad.sin.f32.huge(float %20)
  %22 = insertelement <16 x float> %19, float %21, i64 6
  %23 = extractelement <16 x float> %0, i64 7
  %24 = call float @fgrad.sin.f32.huge(float %23)
  %25 = insertelement <16 x float> %22, float %24, i64 7
  %26 = extractelement <16 x float> %0, i64 8
  %27 = call float @fgrad.sin.f32.huge(float %26)
  %28 = insertelement <16 x float> %25, float %27, i64 8
  %29 = extractelement <16 x float> %0, i64 9
  %30 = call float @fgrad.sin.f32.huge(float %29)
  %31 = insertelement <16 x float> %28, float %30, i64 9
  %32 = extractelement <16 x float> %0, i64 10
  %33 = call float @fgrad.sin.f32.huge(float %32)
  %34 = insertelement <16 x float> %31, float %33, i64 10
  %35 = extractelement <16 x float> %0, i64 11
  %36 = call float @fgrad.sin.f32.huge(float %35)
  %37 = insertelement <16 x float> %34, float %36, i64 11
  %38 = extractelement <16 x float> %0, i64 12
  %39 = call float @fgrad.sin.f32.huge(float %38)
  %40 = insertelement <16 x float> %37, float %39, i64 12
  %41 = extractelement <16 x float> %0, i64 13
  %42 = call float @fgrad.sin.f32.huge(float %41)
  %43 = insertelement <16 x float> %40, float %42, i64 13
  %44 = extractelement <16 x float> %0, i64 14
  %45 = call float @fgrad.sin.f32.huge(float %44)
  %46 = insertelement <16 x float> %43, float %45, i64 14
  %47 = extractelement <16 x float> %0, i64 15
  %48 = call float @fgrad.sin.f32.huge(float %47)
  %49 = insertelement <16 x float> %46, float %48, i64 15
  ret <16 x float> %49
}

define linkonce_odr <4 x float> @fgrad.sin.f32.huge.x4(<4 x float> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <4 x float> @llvm.fabs.v4f32(<4 x float> %0)
  %3 = fcmp ogt <4 x float> %2, <float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05>
  %4 = bitcast <4 x i1> %3 to i4
  %5 = icmp eq i4 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <4 x float> @fgrad.sin.f32.huge.x4.lanes(<4 x float> %0)
  br label %8
8:
  %9 = phi <4 x float> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <4 x float> %9
}

define linkonce_odr <4 x float> @fgrad.sin.f32.huge.x4.lanes(<4 x float> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <4 x float> %0, i64 0
  %3 = call float @fgrad.sin.f32.huge(float %2)
  %4 = insertelement <4 x float> poison, float %3, i64 0
  %5 = extractelement <4 x float> %0, i64 1
  %6 = call float @fgrad.sin.f32.huge(float %5)
  %7 = insertelement <4 x float> %4, float %6, i64 1
  %8 = extractelement <4 x float> %0, i64 2
  %9 = call float @fgrad.sin.f32.huge(float %8)
  %10 = insertelement <4 x float> %7, float %9, i64 2
  %11 = extractelement <4 x float> %0, i64 3
  %12 = call float @fgrad.sin.f32.huge(float %11)
  %13 = insertelement <4 x float> %10, float %12, i64 3
  ret <4 x float> %13
}

define linkonce_odr <8 x float> @fgrad.sin.f32.huge.x8(<8 x float> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <8 x float> @llvm.fabs.v8f32(<8 x float> %0)
  %3 = fcmp ogt <8 x float> %2, <float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05>
  %4 = bitcast <8 x i1> %3 to i8
  %5 = icmp eq i8 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <8 x float> @fgrad.sin.f32.huge.x8.lanes(<8 x float> %0)
  br label %8
8:
  %9 = phi <8 x float> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <8 x float> %9
}

define linkonce_odr <8 x float> @fgrad.sin.f32.huge.x8.lanes(<8 x float> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <8 x float> %0, i64 0
  %3 = call float @fgrad.sin.f32.huge(float %2)
  %4 = insertelement <8 x float> poison, float %3, i64 0
  %5 = extractelement <8 x float> %0, i64 1
  %6 = call float @fgrad.sin.f32.huge(float %5)
  %7 = insertelement <8 x float> %4, float %6, i64 1
  %8 = extractelement <8 x float> %0, i64 2
  %9 = call float @fgrad.sin.f32.huge(float %8)
  %10 = insertelement <8 x float> %7, float %9, i64 2
  %11 = extractelement <8 x float> %0, i64 3
  %12 = call float @fgrad.sin.f32.huge(float %11)
  %13 = insertelement <8 x float> %10, float %12, i64 3
  %14 = extractelement <8 x float> %0, i64 4
  %15 = call float @fgrad.sin.f32.huge(float %14)
  %16 = insertelement <8 x float> %13, float %15, i64 4
  %17 = extractelement <8 x float> %0, i64 5
  %18 = call float @fgrad.sin.f32.huge(float %17)
  %19 = insertelement <8 x float> %16, float %18, i64 5
  %20 = extractelement <8 x float> %0, i64 6
  %21 = call float @fgrad.sin.f32.huge(float %20)
  %22 = insertelement <8 x float> %19, float %21, i64 6
  %23 = extractelement <8 x float> %0, i64 7
  %24 = call float @fgrad.sin.f32.huge(float %23)
  %25 = insertelement <8 x float> %22, float %24, i64 7
  ret <8 x float> %25
}

define linkonce_odr double @fgrad.sin.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fmuladd.f64(double %0, double 0x3FE45F306DC9C883, double 0x4338000000000000)
  %3 = bitcast double %2 to i64
  %4 = shl i64 %3, 62
  %5 = and i64 %4, -9223372036854775808
  %6 = and i64 %3, 1
  %7 = icmp eq i64 %6, 0
  %8 = fadd double %2, 0xC338000000000000
  %9 = call double @llvm.fma.f64(double %8, double 0xBFF921FB54442D18, double %0)
  %10 = fmul double %8, 0xBC91A62633145C07
  %11 = fadd double %9, %10
  %12 = fmul double %11, %11
  %13 = fmul double %11, %12
  %14 = call double @llvm.fmuladd.f64(double %12, double 0x3DE5D7E54C18E20B, double 0xBE5AE5E2116ABB13)
  %15 = fmul double %12, %12
  %16 = fmul double %15, %15
  %17 = call double @llvm.fmuladd.f64(double %12, double 0x3EC71DE3522AF41D, double 0xBF2A01A019BB425A)
  %18 = call double @llvm.fmuladd.f64(double %12, double 0x3F8111111110F5BE, double 0xBFC5555555555547)
  %19 = call double @llvm.fmuladd.f64(double %17, double %15, double %18)
  %20 = call double @llvm.fmuladd.f64(double %14, double %16, double %19)
  %21 = fsub double %11, %9
  %22 = fsub double %10, %21
  %23 = fneg double %10
  %24 = call double @llvm.fma.f64(double %8, double 0xBC91A62633145C07, double %23)
  %25 = fadd double %24, %22
  %26 = call double @llvm.fmuladd.f64(double %8, double 0x391F1976B7ED8FBC, double %25)
  %27 = call double @llvm.fmuladd.f64(double %12, double -5.000000e-01, double 1.000000e+00)
  %28 = fmul double %27, %26
  %29 = call double @llvm.fmuladd.f64(double %13, double %20, double %28)
  %30 = fadd double %11, %29
  %31 = fsub double 1.000000e+00, %27
  %32 = call double @llvm.fmuladd.f64(double %12, double -5.000000e-01, double %31)
  %33 = call double @llvm.fmuladd.f64(double %12, double 0xBDA8FF0BA3FBDD1F, double 0x3E21EEA73B4BF46A)
  %34 = call double @llvm.fmuladd.f64(double %12, double 0xBE927E4F8DD9CAD0, double 0x3EFA01A019DE691E)
  %35 = call double @llvm.fmuladd.f64(double %12, double 0xBF56C16C16C15E6A, double 0x3FA5555555555552)
  %36 = call double @llvm.fmuladd.f64(double %34, double %15, double %35)
  %37 = call double @llvm.fmuladd.f64(double %33, double %16, double %36)
  %38 = fneg double %26
  %39 = fmul double %11, %38
  %40 = call double @llvm.fmuladd.f64(double %15, double %37, double %39)
  %41 = fadd double %32, %40
  %42 = fadd double %27, %41
  %43 = select i1 %7, double %30, double %42
  %44 = bitcast double %43 to i64
  %45 = xor i64 %5, %44
  %46 = bitcast i64 %45 to double
  %47 = call double @llvm.fabs.f64(double %0)
  %48 = fcmp ogt double %47, 0x42C0000000000000
  %49 = call double @fgrad.sin.f64.huge(double %0) "vector-function-abi-variant"="_ZGV_LLVM_N2v_fgrad.sin.f64.huge(fgrad.sin.f64.huge.x2),_ZGV_LLVM_N4v_fgrad.sin.f64.huge(fgrad.sin.f64.huge.x4),_ZGV_LLVM_N8v_fgrad.sin.f64.huge(fgrad.sin.f64.huge.x8)"
  %50 = select i1 %48, double %49, double %46
  %51 = fcmp one double %47, 0x7FF0000000000000
  %52 = select i1 %51, double %50, double 0x7FF8000000000000
  %53 = fcmp olt double %47, 0x3C90000000000000
  %54 = select i1 %53, double %0, double %52
  ret double %54
}

define linkonce_odr double @fgrad.sin.f64.huge(double %0) noinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fcmp ogt double %2, 0x42C0000000000000
  %likely.3 = call i1 @llvm.expect.i1(i1 %3, i1 false)
  br i1 %likely.3, label %4, label %8
4:
  %5 = call double @llvm.copysign.f64(double 1.000000e+00, double %0)
  %6 = call double @fgrad.huge.f64(double %2, i64 0)
  %7 = fmul double %5, %6
  br label %8
8:
  %9 = phi double [ %7, %4 ], [ 0.000000e+00, %1 ]
  ret double %9
}

define linkonce_odr <2 x double> @fgrad.sin.f64.huge.x2(<2 x double> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <2 x double> @llvm.fabs.v2f64(<2 x double> %0)
  %3 = fcmp ogt <2 x double> %2, <double 0x42C0000000000000, double 0x42C0000000000000>
  %4 = bitcast <2 x i1> %3 to i2
  %5 = icmp eq i2 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <2 x double> @fgrad.sin.f64.huge.x2.lanes(<2 x double> %0)
  br label %8
8:
  %9 = phi <2 x double> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <2 x double> %9
}

define linkonce_odr <2 x double> @fgrad.sin.f64.huge.x2.lanes(<2 x double> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <2 x double> %0, i64 0
  %3 = call double @fgrad.sin.f64.huge(double %2)
  %4 = insertelement <2 x double> poison, double %3, i64 0
  %5 = extractelement <2 x double> %0, i64 1
  %6 = call double @fgrad.sin.f64.huge(double %5)
  %7 = insertelement <2 x double> %4, double %6, i64 1
  ret <2 x double> %7
}

define linkonce_odr <4 x double> @fgrad.sin.f64.huge.x4(<4 x double> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <4 x double> @llvm.fabs.v4f64(<4 x double> %0)
  %3 = fcmp ogt <4 x double> %2, <double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000>
  %4 = bitcast <4 x i1> %3 to i4
  %5 = icmp eq i4 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <4 x double> @fgrad.sin.f64.huge.x4.lanes(<4 x double> %0)
  br label %8
8:
  %9 = phi <4 x double> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <4 x double> %9
}

define linkonce_odr <4 x double> @fgrad.sin.f64.huge.x4.lanes(<4 x double> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <4 x double> %0, i64 0
  %3 = call double @fgrad.sin.f64.huge(double %2)
  %4 = insertelement <4 x double> poison, double %3, i64 0
  %5 = extractelement <4 x double> %0, i64 1
  %6 = call double @fgrad.sin.f64.huge(double %5)
  %7 = insertelement <4 x double> %4, double %6, i64 1
  %8 = extractelement <4 x double> %0, i64 2
  %9 = call double @fgrad.sin.f64.huge(double %8)
  %10 = insertelement <4 x double> %7, double %9, i64 2
  %11 = extractelement <4 x double> %0, i64 3
  %12 = call double @fgrad.sin.f64.huge(double %11)
  %13 = insertelement <4 x double> %10, double %12, i64 3
  ret <4 x double> %13
}

define linkonce_odr <8 x double> @fgrad.sin.f64.huge.x8(<8 x double> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <8 x double> @llvm.fabs.v8f64(<8 x double> %0)
  %3 = fcmp ogt <8 x double> %2, <double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000>
  %4 = bitcast <8 x i1> %3 to i8
  %5 = icmp eq i8 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <8 x double> @fgrad.sin.f64.huge.x8.lanes(<8 x double> %0)
  br label %8
8:
  %9 = phi <8 x double> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <8 x double> %9
}

define linkonce_odr <8 x double> @fgrad.sin.f64.huge.x8.lanes(<8 x double> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <8 x double> %0, i64 0
  %3 = call double @fgrad.sin.f64.huge(double %2)
  %4 = insertelement <8 x double> poison, double %3, i64 0
  %5 = extractelement <8 x double> %0, i64 1
  %6 = call double @fgrad.sin.f64.huge(double %5)
  %7 = insertelement <8 x double> %4, double %6, i64 1
  %8 = extractelement <8 x double> %0, i64 2
  %9 = call double @fgrad.sin.f64.huge(double %8)
  %10 = insertelement <8 x double> %7, double %9, i64 2
  %11 = extractelement <8 x double> %0, i64 3
  %12 = call double @fgrad.sin.f64.huge(double %11)
  %13 = insertelement <8 x double> %10, double %12, i64 3
  %14 = extractelement <8 x double> %0, i64 4
  %15 = call double @fgrad.sin.f64.huge(double %14)
  %16 = insertelement <8 x double> %13, double %15, i64 4
  %17 = extractelement <8 x double> %0, i64 5
  %18 = call double @fgrad.sin.f64.huge(double %17)
  %19 = insertelement <8 x double> %16, double %18, i64 5
  %20 = extractelement <8 x double> %0, i64 6
  %21 = call double @fgrad.sin.f64.huge(double %20)
  %22 = insertelement <8 x double> %19, double %21, i64 6
  %23 = extractelement <8 x double> %0, i64 7
  %24 = call double @fgrad.sin.f64.huge(double %23)
  %25 = insertelement <8 x double> %22, double %24, i64 7
  ret <8 x double> %25
}

define linkonce_odr float @fgrad.sinh.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fcmp ogt float %2, 8.950000e+01
  %4 = select i1 %3, float 8.950000e+01, float %2
  %5 = fcmp olt float %4, 0x3FE19999A0000000
  %6 = call float @llvm.fmuladd.f32(float %4, float 0x3FF7154760000000, float 0x4168000000000000)
  %7 = select i1 %5, float 0x4168000000000000, float %6
  %8 = fadd float %7, 0xC168000000000000
  %9 = call float @llvm.fmuladd.f32(float %8, float 0xBFE6300000000000, float %4)
  %10 = call float @llvm.fmuladd.f32(float %8, float 0x3F2BD01060000000, float %9)
  %11 = fmul float %10, %10
  %12 = fmul float %11, %11
  %13 = call float @llvm.fmuladd.f32(float %11, float 0x3F56C15BA0000000, float 0x3FA5555560000000)
  %14 = call float @llvm.fmuladd.f32(float %12, float 0x3EFA2485C0000000, float %13)
  %15 = call float @llvm.fmuladd.f32(float %11, float %14, float 5.000000e-01)
  %16 = fmul float %11, %15
  %17 = fmul float %10, %11
  %18 = call float @llvm.fmuladd.f32(float %11, float 0x3EC73FBAC0000000, float 0x3F2A018580000000)
  %19 = call float @llvm.fmuladd.f32(float %11, float 0x3F81111120000000, float 0x3FC5555560000000)
  %20 = call float @llvm.fmuladd.f32(float %18, float %12, float %19)
  %21 = call float @llvm.fmuladd.f32(float %17, float %20, float %10)
  %22 = fcmp ogt float %4, 4.000000e+01
  %23 = bitcast float %7 to i32
  %24 = shl i32 %23, 23
  %25 = sub i32 1048576000, %24
  %26 = bitcast i32 %25 to float
  %27 = select i1 %22, float 0.000000e+00, float %26
  %28 = add i32 %24, 1048576000
  %29 = bitcast i32 %28 to float
  %30 = fsub float %29, %27
  %31 = fadd float %27, %29
  %32 = fmul float %31, %21
  %33 = call float @llvm.fmuladd.f32(float %16, float %30, float %32)
  %34 = fadd float %30, %33
  %35 = fmul float %34, 2.000000e+00
  %36 = fcmp olt float %2, 0x3E60000000000000
  %37 = call float @llvm.copysign.f32(float %35, float %0)
  %38 = select i1 %36, float %0, float %37
  ret float %38
}

define linkonce_odr double @fgrad.sinh.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fcmp ogt double %2, 7.105000e+02
  %4 = select i1 %3, double 7.105000e+02, double %2
  %5 = fcmp olt double %4, 5.500000e-01
  %6 = call double @llvm.fmuladd.f64(double %4, double 0x3FF71547652B82FE, double 0x4338000000000000)
  %7 = select i1 %5, double 0x4338000000000000, double %6
  %8 = fadd double %7, 0xC338000000000000
  %9 = call double @llvm.fmuladd.f64(double %8, double 0xBFE62E42FEE00000, double %4)
  %10 = call double @llvm.fmuladd.f64(double %8, double 0xBDEA39EF35793C76, double %9)
  %11 = fmul double %10, %10
  %12 = call double @llvm.fmuladd.f64(double %11, double 0x3DA952D19724EB8A, double 0x3E21EECFFBB8ECFC)
  %13 = fmul double %11, %11
  %14 = fmul double %13, %13
  %15 = call double @llvm.fmuladd.f64(double %11, double 0x3E927E4FBA625CA9, double 0x3EFA01A01A00C4CD)
  %16 = call double @llvm.fmuladd.f64(double %11, double 0x3F56C16C16C16C2E, double 0x3FA5555555555555)
  %17 = call double @llvm.fmuladd.f64(double %15, double %13, double %16)
  %18 = call double @llvm.fmuladd.f64(double %12, double %14, double %17)
  %19 = call double @llvm.fmuladd.f64(double %11, double %18, double 5.000000e-01)
  %20 = fmul double %11, %19
  %21 = fmul double %10, %11
  %22 = call double @llvm.fmuladd.f64(double %11, double 0x3DE62BA49A6D1BAA, double 0x3E5AE6337DF24C24)
  %23 = call double @llvm.fmuladd.f64(double %11, double 0x3EC71DE3AB2AD0C2, double 0x3F2A01A019FFE953)
  %24 = call double @llvm.fmuladd.f64(double %11, double 0x3F81111111111140, double 0x3FC5555555555555)
  %25 = call double @llvm.fmuladd.f64(double %23, double %13, double %24)
  %26 = call double @llvm.fmuladd.f64(double %22, double %14, double %25)
  %27 = call double @llvm.fmuladd.f64(double %21, double %26, double %10)
  %28 = fcmp ogt double %4, 4.000000e+01
  %29 = bitcast double %7 to i64
  %30 = shl i64 %29, 52
  %31 = sub i64 4598175219545276416, %30
  %32 = bitcast i64 %31 to double
  %33 = select i1 %28, double 0.000000e+00, double %32
  %34 = add i64 %30, 4598175219545276416
  %35 = bitcast i64 %34 to double
  %36 = fsub double %35, %33
  %37 = fadd double %33, %35
  %38 = fmul double %37, %27
  %39 = call double @llvm.fmuladd.f64(double %20, double %36, double %38)
  %40 = fadd double %36, %39
  %41 = fmul double %40, 2.000000e+00
  %42 = fcmp olt double %2, 0x3C90000000000000
  %43 = call double @llvm.copysign.f64(double %41, double %0)
  %44 = select i1 %42, double %0, double %43
  ret double %44
}

define linkonce_odr float @fgrad.tan.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fmuladd.f32(float %0, float 0x3FE45F3060000000, float 0x4168000000000000)
  %3 = bitcast float %2 to i32
  %4 = and i32 %3, 1
  %5 = icmp eq i32 %4, 0
  %6 = fadd float %2, 0xC168000000000000
  %7 = call float @llvm.fma.f32(float %6, float 0xBFF921FB60000000, float %0)
  %8 = fmul float %6, 0x3E6777A5C0000000
  %9 = fadd float %7, %8
  %10 = fmul float %9, %9
  %11 = fmul float %9, %10
  %12 = fmul float %10, %10
  %13 = call float @llvm.fmuladd.f32(float %10, float 0x3F81106EE0000000, float 0xBFC5555440000000)
  %14 = call float @llvm.fmuladd.f32(float %12, float 0xBF29926B20000000, float %13)
  %15 = fsub float %9, %7
  %16 = fsub float %8, %15
  %17 = fneg float %8
  %18 = call float @llvm.fma.f32(float %6, float 0x3E6777A5C0000000, float %17)
  %19 = fadd float %18, %16
  %20 = call float @llvm.fmuladd.f32(float %6, float 0x3CDEE59DA0000000, float %19)
  %21 = call float @llvm.fmuladd.f32(float %10, float -5.000000e-01, float 1.000000e+00)
  %22 = fmul float %21, %20
  %23 = call float @llvm.fmuladd.f32(float %11, float %14, float %22)
  %24 = fadd float %9, %23
  %25 = fsub float 1.000000e+00, %21
  %26 = call float @llvm.fmuladd.f32(float %10, float -5.000000e-01, float %25)
  %27 = call float @llvm.fmuladd.f32(float %10, float 0xBF56C0EA20000000, float 0x3FA55554E0000000)
  %28 = call float @llvm.fmuladd.f32(float %12, float 0x3EF9A88A60000000, float %27)
  %29 = fneg float %20
  %30 = fmul float %9, %29
  %31 = call float @llvm.fmuladd.f32(float %12, float %28, float %30)
  %32 = fadd float %26, %31
  %33 = fadd float %21, %32
  %34 = select i1 %5, float %24, float %33
  %35 = fneg float %24
  %36 = select i1 %5, float %33, float %35
  %37 = fdiv float %34, %36
  %38 = call float @llvm.fabs.f32(float %0)
  %39 = fcmp ogt float %38, 1.310720e+05
  %40 = call float @fgrad.tan.f32.huge(float %0) "vector-function-abi-variant"="_ZGV_LLVM_N4v_fgrad.tan.f32.huge(fgrad.tan.f32.huge.x4),_ZGV_LLVM_N8v_fgrad.tan.f32.huge(fgrad.tan.f32.huge.x8),_ZGV_LLVM_N16v_fgrad.tan.f32.huge(fgrad.tan.f32.huge.x16)"
  %41 = select i1 %39, float %40, float %37
  %42 = fcmp one float %38, 0x7FF0000000000000
  %43 = select i1 %42, float %41, float 0x7FF8000000000000
  %44 = fcmp olt float %38, 0x3E60000000000000
  %45 = select i1 %44, float %0, float %43
  ret float %45
}

define linkonce_odr float @fgrad.tan.f32.huge(float %0) noinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fcmp ogt float %2, 1.310720e+05
  %likely.3 = call i1 @llvm.expect.i1(i1 %3, i1 false)
  br i1 %likely.3, label %4, label %13
4:
  %5 = fpext float %0 to double
  %6 = call double @llvm.copysign.f64(double 1.000000e+00, double %5)
  %7 = call double @llvm.fabs.f64(double %5)
  %8 = call double @fgrad.huge.f64(double %7, i64 0)
  %9 = call double @fgrad.huge.f64(double %7, i64 1)
  %10 = fdiv double %8, %9
  %11 = fmul double %6, %10
  %12 = fptrunc double %11 to float
  br label %13
13:
  %14 = phi float [ %12, %4 ], [ 0.000000e+00, %1 ]
  ret float %14
}

define linkonce_odr <16 x float> @fgrad.tan.f32.huge.x16(<16 x float> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <16 x float> @llvm.fabs.v16f32(<16 x float> %0)
  %3 = fcmp ogt <16 x float> %2, <float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05>
  %4 = bitcast <16 x i1> %3 to i16
  %5 = icmp eq i16 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <16 x float> @fgrad.tan.f32.huge.x16.lanes(<16 x float> %0)
  br label %8
8:
  %9 = phi <16 x float> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <16 x float> %9
}

define linkonce_odr <16 x float> @fgrad.tan.f32.huge.x16.lanes(<16 x float> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <16 x float> %0, i64 0
  %3 = call float @fgrad.tan.f32.huge(float %2)
  %4 = insertelement <16 x float> %0, float %3, i64 0
  %5 = extractelement <16 x float> %0, i64 1
  %6 = call float @fgrad.tan.f32.huge(float %5)
  %7 = insertelement <16 x float> %4, float %6, i64 1
  %8 = extractelement <16 x float> %0, i64 2
  %9 = call float @fgrad.tan.f32.huge(float %8)
  %10 = insertelement <16 x float> %7, float %9, i64 2
  %11 = extractelement <16 x float> %0, i64 3
  %12 = call float @fgrad.tan.f32.huge(float %11)
  %13 = insertelement <16 x float> %10, float %12, i64 3
  %14 = extractelement <16 x float> %0, i64 4
  %15 = call float @fgrad.tan.f32.huge(float %14)
  %16 = insertelement <16 x float> %13, float %15, i64 4
  %17 = extractelement <16 x float> %0, i64 5
  %18 = call float @fgrad.tan.f32.huge(float %17)
  %19 = insertelement <16 x float> %16, float %18, i64 5
  %20 = extractelement <16 x float> %0, i64 6
  %21 = call float @fgrad.tan.f32.huge(float %20)
  %22 = insertelement <16 x float> %19, float %21, i64 6
  %23 = extractelement <16 x float> %0, i64 7
  %24 = call float @fgrad.tan.f32.huge(float %23)
  %25 = insertelement <16 x float> %22, float %24, i64 7
  %26 = extractelement <16 x float> %0, i64 8
  %27 = call float @fgrad.tan.f32.huge(float %26)
  %28 = insertelement <16 x float> %25, float %27, i64 8
  %29 = extractelement <16 x float> %0, i64 9
  %30 = call float @fgrad.tan.f32.huge(float %29)
  %31 = insertelement <16 x float> %28, float %30, i64 9
  %32 = extractelement <16 x float> %0, i64 10
  %33 = call float @fgrad.tan.f32.huge(float %32)
  %34 = insertelement <16 x float> %31, float %33, i64 10
  %35 = extractelement <16 x float> %0, i64 11
  %36 = call float @fgrad.tan.f32.huge(float %35)
  %37 = insertelement <16 x float> %34, float %36, i64 11
  %38 = extractelement <16 x float> %0, i64 12
  %39 = call float @fgrad.tan.f32.huge(float %38)
  %40 = insertelement <16 x float> %37, float %39, i64 12
  %41 = extractelement <16 x float> %0, i64 13
  %42 = call float @fgrad.tan.f32.huge(float %41)
  %43 = insertelement <16 x float> %40, float %42, i64 13
  %44 = extractelement <16 x float> %0, i64 14
  %45 = call float @fgrad.tan.f32.huge(float %44)
  %46 = insertelement <16 x float> %43, float %45, i64 14
  %47 = extractelement <16 x float> %0, i64 15
  %48 = call float @fgrad.tan.f32.huge(float %47)
  %49 = insertelement <16 x float> %46, float %48, i64 15
  ret <16 x float> %49
}

define linkonce_odr <4 x float> @fgrad.tan.f32.huge.x4(<4 x float> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <4 x float> @llvm.fabs.v4f32(<4 x float> %0)
  %3 = fcmp ogt <4 x float> %2, <float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05>
  %4 = bitcast <4 x i1> %3 to i4
  %5 = icmp eq i4 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <4 x float> @fgrad.tan.f32.huge.x4.lanes(<4 x float> %0)
  br label %8
8:
  %9 = phi <4 x float> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <4 x float> %9
}

define linkonce_odr <4 x float> @fgrad.tan.f32.huge.x4.lanes(<4 x float> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <4 x float> %0, i64 0
  %3 = call float @fgrad.tan.f32.huge(float %2)
  %4 = insertelement <4 x float> poison, float %3, i64 0
  %5 = extractelement <4 x float> %0, i64 1
  %6 = call float @fgrad.tan.f32.huge(float %5)
  %7 = insertelement <4 x float> %4, float %6, i64 1
  %8 = extractelement <4 x float> %0, i64 2
  %9 = call float @fgrad.tan.f32.huge(float %8)
  %10 = insertelement <4 x float> %7, float %9, i64 2
  %11 = extractelement <4 x float> %0, i64 3
  %12 = call float @fgrad.tan.f32.huge(float %11)
  %13 = insertelement <4 x float> %10, float %12, i64 3
  ret <4 x float> %13
}

define linkonce_odr <8 x float> @fgrad.tan.f32.huge.x8(<8 x float> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <8 x float> @llvm.fabs.v8f32(<8 x float> %0)
  %3 = fcmp ogt <8 x float> %2, <float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05, float 1.310720e+05>
  %4 = bitcast <8 x i1> %3 to i8
  %5 = icmp eq i8 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <8 x float> @fgrad.tan.f32.huge.x8.lanes(<8 x float> %0)
  br label %8
8:
  %9 = phi <8 x float> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <8 x float> %9
}

define linkonce_odr <8 x float> @fgrad.tan.f32.huge.x8.lanes(<8 x float> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <8 x float> %0, i64 0
  %3 = call float @fgrad.tan.f32.huge(float %2)
  %4 = insertelement <8 x float> poison, float %3, i64 0
  %5 = extractelement <8 x float> %0, i64 1
  %6 = call float @fgrad.tan.f32.huge(float %5)
  %7 = insertelement <8 x float> %4, float %6, i64 1
  %8 = extractelement <8 x float> %0, i64 2
  %9 = call float @fgrad.tan.f32.huge(float %8)
  %10 = insertelement <8 x float> %7, float %9, i64 2
  %11 = extractelement <8 x float> %0, i64 3
  %12 = call float @fgrad.tan.f32.huge(float %11)
  %13 = insertelement <8 x float> %10, float %12, i64 3
  %14 = extractelement <8 x float> %0, i64 4
  %15 = call float @fgrad.tan.f32.huge(float %14)
  %16 = insertelement <8 x float> %13, float %15, i64 4
  %17 = extractelement <8 x float> %0, i64 5
  %18 = call float @fgrad.tan.f32.huge(float %17)
  %19 = insertelement <8 x float> %16, float %18, i64 5
  %20 = extractelement <8 x float> %0, i64 6
  %21 = call float @fgrad.tan.f32.huge(float %20)
  %22 = insertelement <8 x float> %19, float %21, i64 6
  %23 = extractelement <8 x float> %0, i64 7
  %24 = call float @fgrad.tan.f32.huge(float %23)
  %25 = insertelement <8 x float> %22, float %24, i64 7
  ret <8 x float> %25
}

define linkonce_odr double @fgrad.tan.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fmuladd.f64(double %0, double 0x3FE45F306DC9C883, double 0x4338000000000000)
  %3 = bitcast double %2 to i64
  %4 = and i64 %3, 1
  %5 = icmp eq i64 %4, 0
  %6 = fadd double %2, 0xC338000000000000
  %7 = call double @llvm.fma.f64(double %6, double 0xBFF921FB54442D18, double %0)
  %8 = fmul double %6, 0xBC91A62633145C07
  %9 = fadd double %7, %8
  %10 = fmul double %9, %9
  %11 = fmul double %9, %10
  %12 = call double @llvm.fmuladd.f64(double %10, double 0x3DE5D7E54C18E20B, double 0xBE5AE5E2116ABB13)
  %13 = fmul double %10, %10
  %14 = fmul double %13, %13
  %15 = call double @llvm.fmuladd.f64(double %10, double 0x3EC71DE3522AF41D, double 0xBF2A01A019BB425A)
  %16 = call double @llvm.fmuladd.f64(double %10, double 0x3F8111111110F5BE, double 0xBFC5555555555547)
  %17 = call double @llvm.fmuladd.f64(double %15, double %13, double %16)
  %18 = call double @llvm.fmuladd.f64(double %12, double %14, double %17)
  %19 = fsub double %9, %7
  %20 = fsub double %8, %19
  %21 = fneg double %8
  %22 = call double @llvm.fma.f64(double %6, double 0xBC91A62633145C07, double %21)
  %23 = fadd double %22, %20
  %24 = call double @llvm.fmuladd.f64(double %6, double 0x391F1976B7ED8FBC, double %23)
  %25 = call double @llvm.fmuladd.f64(double %10, double -5.000000e-01, double 1.000000e+00)
  %26 = fmul double %25, %24
  %27 = call double @llvm.fmuladd.f64(double %11, double %18, double %26)
  %28 = fadd double %9, %27
  %29 = fsub double 1.000000e+00, %25
  %30 = call double @llvm.fmuladd.f64(double %10, double -5.000000e-01, double %29)
  %31 = call double @llvm.fmuladd.f64(double %10, double 0xBDA8FF0BA3FBDD1F, double 0x3E21EEA73B4BF46A)
  %32 = call double @llvm.fmuladd.f64(double %10, double 0xBE927E4F8DD9CAD0, double 0x3EFA01A019DE691E)
  %33 = call double @llvm.fmuladd.f64(double %10, double 0xBF56C16C16C15E6A, double 0x3FA5555555555552)
  %34 = call double @llvm.fmuladd.f64(double %32, double %13, double %33)
  %35 = call double @llvm.fmuladd.f64(double %31, double %14, double %34)
  %36 = fneg double %24
  %37 = fmul double %9, %36
  %38 = call double @llvm.fmuladd.f64(double %13, double %35, double %37)
  %39 = fadd double %30, %38
  %40 = fadd double %25, %39
  %41 = select i1 %5, double %28, double %40
  %42 = fneg double %28
  %43 = select i1 %5, double %40, double %42
  %44 = fdiv double %41, %43
  %45 = call double @llvm.fabs.f64(double %0)
  %46 = fcmp ogt double %45, 0x42C0000000000000
  %47 = call double @fgrad.tan.f64.huge(double %0) "vector-function-abi-variant"="_ZGV_LLVM_N2v_fgrad.tan.f64.huge(fgrad.tan.f64.huge.x2),_ZGV_LLVM_N4v_fgrad.tan.f64.huge(fgrad.tan.f64.huge.x4),_ZGV_LLVM_N8v_fgrad.tan.f64.huge(fgrad.tan.f64.huge.x8)"
  %48 = select i1 %46, double %47, double %44
  %49 = fcmp one double %45, 0x7FF0000000000000
  %50 = select i1 %49, double %48, double 0x7FF8000000000000
  %51 = fcmp olt double %45, 0x3C90000000000000
  %52 = select i1 %51, double %0, double %50
  ret double %52
}

define linkonce_odr double @fgrad.tan.f64.huge(double %0) noinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fcmp ogt double %2, 0x42C0000000000000
  %likely.3 = call i1 @llvm.expect.i1(i1 %3, i1 false)
  br i1 %likely.3, label %4, label %10
4:
  %5 = call double @llvm.copysign.f64(double 1.000000e+00, double %0)
  %6 = call double @fgrad.huge.f64(double %2, i64 0)
  %7 = call double @fgrad.huge.f64(double %2, i64 1)
  %8 = fdiv double %6, %7
  %9 = fmul double %5, %8
  br label %10
10:
  %11 = phi double [ %9, %4 ], [ 0.000000e+00, %1 ]
  ret double %11
}

define linkonce_odr <2 x double> @fgrad.tan.f64.huge.x2(<2 x double> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <2 x double> @llvm.fabs.v2f64(<2 x double> %0)
  %3 = fcmp ogt <2 x double> %2, <double 0x42C0000000000000, double 0x42C0000000000000>
  %4 = bitcast <2 x i1> %3 to i2
  %5 = icmp eq i2 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <2 x double> @fgrad.tan.f64.huge.x2.lanes(<2 x double> %0)
  br label %8
8:
  %9 = phi <2 x double> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <2 x double> %9
}

define linkonce_odr <2 x double> @fgrad.tan.f64.huge.x2.lanes(<2 x double> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <2 x double> %0, i64 0
  %3 = call double @fgrad.tan.f64.huge(double %2)
  %4 = insertelement <2 x double> poison, double %3, i64 0
  %5 = extractelement <2 x double> %0, i64 1
  %6 = call double @fgrad.tan.f64.huge(double %5)
  %7 = insertelement <2 x double> %4, double %6, i64 1
  ret <2 x double> %7
}

define linkonce_odr <4 x double> @fgrad.tan.f64.huge.x4(<4 x double> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <4 x double> @llvm.fabs.v4f64(<4 x double> %0)
  %3 = fcmp ogt <4 x double> %2, <double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000>
  %4 = bitcast <4 x i1> %3 to i4
  %5 = icmp eq i4 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <4 x double> @fgrad.tan.f64.huge.x4.lanes(<4 x double> %0)
  br label %8
8:
  %9 = phi <4 x double> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <4 x double> %9
}

define linkonce_odr <4 x double> @fgrad.tan.f64.huge.x4.lanes(<4 x double> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <4 x double> %0, i64 0
  %3 = call double @fgrad.tan.f64.huge(double %2)
  %4 = insertelement <4 x double> poison, double %3, i64 0
  %5 = extractelement <4 x double> %0, i64 1
  %6 = call double @fgrad.tan.f64.huge(double %5)
  %7 = insertelement <4 x double> %4, double %6, i64 1
  %8 = extractelement <4 x double> %0, i64 2
  %9 = call double @fgrad.tan.f64.huge(double %8)
  %10 = insertelement <4 x double> %7, double %9, i64 2
  %11 = extractelement <4 x double> %0, i64 3
  %12 = call double @fgrad.tan.f64.huge(double %11)
  %13 = insertelement <4 x double> %10, double %12, i64 3
  ret <4 x double> %13
}

define linkonce_odr <8 x double> @fgrad.tan.f64.huge.x8(<8 x double> %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call <8 x double> @llvm.fabs.v8f64(<8 x double> %0)
  %3 = fcmp ogt <8 x double> %2, <double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000, double 0x42C0000000000000>
  %4 = bitcast <8 x i1> %3 to i8
  %5 = icmp eq i8 %4, 0
  %likely.5 = call i1 @llvm.expect.i1(i1 %5, i1 true)
  br i1 %likely.5, label %8, label %6
6:
  %7 = call <8 x double> @fgrad.tan.f64.huge.x8.lanes(<8 x double> %0)
  br label %8
8:
  %9 = phi <8 x double> [ zeroinitializer, %1 ], [ %7, %6 ]
  ret <8 x double> %9
}

define linkonce_odr <8 x double> @fgrad.tan.f64.huge.x8.lanes(<8 x double> %0) noinline cold optnone nounwind willreturn memory(none) {
  %2 = extractelement <8 x double> %0, i64 0
  %3 = call double @fgrad.tan.f64.huge(double %2)
  %4 = insertelement <8 x double> poison, double %3, i64 0
  %5 = extractelement <8 x double> %0, i64 1
  %6 = call double @fgrad.tan.f64.huge(double %5)
  %7 = insertelement <8 x double> %4, double %6, i64 1
  %8 = extractelement <8 x double> %0, i64 2
  %9 = call double @fgrad.tan.f64.huge(double %8)
  %10 = insertelement <8 x double> %7, double %9, i64 2
  %11 = extractelement <8 x double> %0, i64 3
  %12 = call double @fgrad.tan.f64.huge(double %11)
  %13 = insertelement <8 x double> %10, double %12, i64 3
  %14 = extractelement <8 x double> %0, i64 4
  %15 = call double @fgrad.tan.f64.huge(double %14)
  %16 = insertelement <8 x double> %13, double %15, i64 4
  %17 = extractelement <8 x double> %0, i64 5
  %18 = call double @fgrad.tan.f64.huge(double %17)
  %19 = insertelement <8 x double> %16, double %18, i64 5
  %20 = extractelement <8 x double> %0, i64 6
  %21 = call double @fgrad.tan.f64.huge(double %20)
  %22 = insertelement <8 x double> %19, double %21, i64 6
  %23 = extractelement <8 x double> %0, i64 7
  %24 = call double @fgrad.tan.f64.huge(double %23)
  %25 = insertelement <8 x double> %22, double %24, i64 7
  ret <8 x double> %25
}

define linkonce_odr float @fgrad.tanh.f32(float %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call float @llvm.fabs.f32(float %0)
  %3 = fcmp ogt float %2, 1.000000e+01
  %4 = select i1 %3, float 1.000000e+01, float %2
  %5 = fcmp olt float %4, 0x3FE19999A0000000
  %6 = call float @llvm.fmuladd.f32(float %4, float 0x3FF7154760000000, float 0x4168000000000000)
  %7 = select i1 %5, float 0x4168000000000000, float %6
  %8 = fadd float %7, 0xC168000000000000
  %9 = call float @llvm.fmuladd.f32(float %8, float 0xBFE6300000000000, float %4)
  %10 = call float @llvm.fmuladd.f32(float %8, float 0x3F2BD01060000000, float %9)
  %11 = fmul float %10, %10
  %12 = fmul float %11, %11
  %13 = call float @llvm.fmuladd.f32(float %11, float 0x3F56C15BA0000000, float 0x3FA5555560000000)
  %14 = call float @llvm.fmuladd.f32(float %12, float 0x3EFA2485C0000000, float %13)
  %15 = call float @llvm.fmuladd.f32(float %11, float %14, float 5.000000e-01)
  %16 = fmul float %11, %15
  %17 = fmul float %10, %11
  %18 = call float @llvm.fmuladd.f32(float %11, float 0x3EC73FBAC0000000, float 0x3F2A018580000000)
  %19 = call float @llvm.fmuladd.f32(float %11, float 0x3F81111120000000, float 0x3FC5555560000000)
  %20 = call float @llvm.fmuladd.f32(float %18, float %12, float %19)
  %21 = call float @llvm.fmuladd.f32(float %17, float %20, float %10)
  %22 = fcmp ogt float %4, 4.000000e+01
  %23 = bitcast float %7 to i32
  %24 = shl i32 %23, 23
  %25 = sub i32 1056964608, %24
  %26 = bitcast i32 %25 to float
  %27 = select i1 %22, float 0.000000e+00, float %26
  %28 = add i32 %24, 1056964608
  %29 = bitcast i32 %28 to float
  %30 = fsub float %29, %27
  %31 = fadd float %27, %29
  %32 = fcmp olt float %2, 0x3FE19999A0000000
  %33 = fmul float %31, %21
  %34 = call float @llvm.fmuladd.f32(float %16, float %30, float %33)
  %35 = fadd float %30, %34
  %36 = fadd float %27, %27
  %37 = fsub float %16, %21
  %38 = fadd float %37, 1.000000e+00
  %39 = fmul float %36, %38
  %40 = select i1 %32, float %35, float %39
  %41 = fmul float %30, %21
  %42 = call float @llvm.fmuladd.f32(float %16, float %31, float %41)
  %43 = fadd float %31, %42
  %44 = fdiv float %40, %43
  %45 = fsub float 1.000000e+00, %44
  %46 = select i1 %32, float %44, float %45
  %47 = call float @llvm.copysign.f32(float %46, float %0)
  ret float %47
}

define linkonce_odr double @fgrad.tanh.f64(double %0) alwaysinline nounwind willreturn memory(none) {
  %2 = call double @llvm.fabs.f64(double %0)
  %3 = fcmp ogt double %2, 2.000000e+01
  %4 = select i1 %3, double 2.000000e+01, double %2
  %5 = fcmp olt double %4, 5.500000e-01
  %6 = call double @llvm.fmuladd.f64(double %4, double 0x3FF71547652B82FE, double 0x4338000000000000)
  %7 = select i1 %5, double 0x4338000000000000, double %6
  %8 = fadd double %7, 0xC338000000000000
  %9 = call double @llvm.fmuladd.f64(double %8, double 0xBFE62E42FEE00000, double %4)
  %10 = call double @llvm.fmuladd.f64(double %8, double 0xBDEA39EF35793C76, double %9)
  %11 = fmul double %10, %10
  %12 = call double @llvm.fmuladd.f64(double %11, double 0x3DA952D19724EB8A, double 0x3E21EECFFBB8ECFC)
  %13 = fmul double %11, %11
  %14 = fmul double %13, %13
  %15 = call double @llvm.fmuladd.f64(double %11, double 0x3E927E4FBA625CA9, double 0x3EFA01A01A00C4CD)
  %16 = call double @llvm.fmuladd.f64(double %11, double 0x3F56C16C16C16C2E, double 0x3FA5555555555555)
  %17 = call double @llvm.fmuladd.f64(double %15, double %13, double %16)
  %18 = call double @llvm.fmuladd.f64(double %12, double %14, double %17)
  %19 = call double @llvm.fmuladd.f64(double %11, double %18, double 5.000000e-01)
  %20 = fmul double %11, %19
  %21 = fmul double %10, %11
  %22 = call double @llvm.fmuladd.f64(double %11, double 0x3DE62BA49A6D1BAA, double 0x3E5AE6337DF24C24)
  %23 = call double @llvm.fmuladd.f64(double %11, double 0x3EC71DE3AB2AD0C2, double 0x3F2A01A019FFE953)
  %24 = call double @llvm.fmuladd.f64(double %11, double 0x3F81111111111140, double 0x3FC5555555555555)
  %25 = call double @llvm.fmuladd.f64(double %23, double %13, double %24)
  %26 = call double @llvm.fmuladd.f64(double %22, double %14, double %25)
  %27 = call double @llvm.fmuladd.f64(double %21, double %26, double %10)
  %28 = fcmp ogt double %4, 4.000000e+01
  %29 = bitcast double %7 to i64
  %30 = shl i64 %29, 52
  %31 = sub i64 4602678819172646912, %30
  %32 = bitcast i64 %31 to double
  %33 = select i1 %28, double 0.000000e+00, double %32
  %34 = add i64 %30, 4602678819172646912
  %35 = bitcast i64 %34 to double
  %36 = fsub double %35, %33
  %37 = fadd double %33, %35
  %38 = fcmp olt double %2, 5.500000e-01
  %39 = fmul double %37, %27
  %40 = call double @llvm.fmuladd.f64(double %20, double %36, double %39)
  %41 = fadd double %36, %40
  %42 = fadd double %33, %33
  %43 = fsub double %20, %27
  %44 = fadd double %43, 1.000000e+00
  %45 = fmul double %42, %44
  %46 = select i1 %38, double %41, double %45
  %47 = fmul double %36, %27
  %48 = call double @llvm.fmuladd.f64(double %20, double %37, double %47)
  %49 = fadd double %37, %48
  %50 = fdiv double %46, %49
  %51 = fsub double 1.000000e+00, %50
  %52 = select i1 %38, double %50, double %51
  %53 = call double @llvm.copysign.f64(double %52, double %0)
  ret double %53
}
